"""What is measured of one rival in one round, between fresh namespaces."""

import contextlib
import json
import pathlib
import re
import subprocess
import sys
import time

from lab import A, B, Failure, Lab, wait_until

HERE = pathlib.Path(__file__).parent

TCP_SECONDS = 4
PINGS_A_SECOND = 100
IDLE_PINGS = 150

# Not counted: what a daemon does in its first seconds is the business of "first packet".
EARLY_SECONDS = 2
EARLY_PINGS = 100
LOST_PING_MS = 1000.0

# Who is compared by two streams, and who by nothing else.
TWO_STREAMS_ONLY = ("natt-tun-2-workers",)
TWO_STREAMS = ("natt-tun", *TWO_STREAMS_ONLY)

# An inner packet of 1400 octets is full; one of 64 is an IPv4 and a UDP header and 36 octets.
FULL_PAYLOAD = 1372
SMALL_PAYLOAD = 36

# The ladder's rungs, Mbit/s: 12 % apart, up to more than iperf3 sends. A rung that it cannot send is not reached either.
RUNGS = [round(20 * 1.12**n) for n in range(50)]
STRIDE = 4
LOSS_LIMIT_PERCENT = 0.5
SENDER_KEEPS_UP = 0.97


def measure(rival, is_quick):
    with Lab() as lab:
        rival.prepare(lab)
        far_daemon = rival.start(lab, B)
        rival.wait_ready(lab, B, far_daemon)
        result, daemon = start_to_first_packet(lab, rival)
        daemons = [each for each in (daemon, far_daemon) if each is not None]
        server = lab.start(B, "iperf3", "--server", "--bind", B.inner, "--forceflush")
        wait_until(lambda: "Server listening" in server.log.read_text(), server, "iperf3 did not listen")
        tcp(lab, EARLY_SECONDS)
        if is_quick:
            return result | one_stream(lab, daemons)
        if rival.key in TWO_STREAMS:
            result["tcp2_mbit_s"] = received_mbit_s(tcp(lab, TCP_SECONDS - 1, "-P", "2"))
        if rival.key in TWO_STREAMS_ONLY:
            return result
        result |= idle_ping(lab)
        result |= one_stream(lab, daemons)
        result["tcp4_mbit_s"] = received_mbit_s(tcp(lab, TCP_SECONDS - 1, "-P", "4"))
        result["udp_mbit_s"] = udp_ladder(lab, result["tcp1_mbit_s"])
        result["small_packets_s"] = small_packets(lab)
        if daemons:
            result["rss_mb"] = max(each.resident_megabytes() for each in daemons)
        return result


def start_to_first_packet(lab, rival):
    """From the start of the second end, its set-up included, to the first answer to a ping through the tunnel."""
    command = ["ip", "netns", "exec", A.name, sys.executable, HERE / "first_packet.py", B.inner, "30"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as pinging:
        pinging.stdout.readline()
        started = time.monotonic()
        daemon = rival.start(lab, A)
        answered = pinging.stdout.readline()
    if not answered:
        raise Failure(f"nothing came through within 30 s: {daemon.last_words() if daemon else 'plain link'}")
    return {"first_packet_s": float(answered) - started}, daemon


def idle_ping(lab):
    with start_ping(lab, EARLY_PINGS) as early:
        early.communicate(timeout=30)
    with start_ping(lab, IDLE_PINGS) as pinging:
        return ping_percentiles(pinging, "idle")


def one_stream(lab, daemons):
    """One TCP stream; pings beside it, and the CPU time of both daemons for it."""
    before = sum(each.cpu_seconds() for each in daemons)
    with start_ping(lab, (TCP_SECONDS - 1) * PINGS_A_SECOND) as pinging:
        report = tcp(lab, TCP_SECONDS)
        percentiles = ping_percentiles(pinging, "loaded")
    after = sum(each.cpu_seconds() for each in daemons)
    gigabytes = report["end"]["sum_received"]["bytes"] / 1e9
    cpu = {"cpu_s_gb": (after - before) / gigabytes} if daemons else {}
    return {"tcp1_mbit_s": received_mbit_s(report)} | cpu | percentiles


def tcp(lab, seconds, *options):
    # cubic by name: a machine may default to another, and bbr's pacing would be what is measured.
    return iperf(lab, seconds, "-C", "cubic", *options)


def received_mbit_s(report):
    return report["end"]["sum_received"]["bits_per_second"] / 1e6


def udp_ladder(lab, guess_mbit_s):
    """The highest rung below the loss limit, as the receiver saw it: strides from the TCP rate until the verdict turns, then halves."""
    passed, failed, best = -1, len(RUNGS), 0
    rung = min(range(len(RUNGS)), key=lambda n: abs(RUNGS[n] - guess_mbit_s))
    while failed - passed > 1:
        received = udp(lab, 1, FULL_PAYLOAD, "-b", f"{RUNGS[rung]}M", *socket_buffers())
        mbit_s = received["bits_per_second"] / 1e6
        if received["lost_percent"] < LOSS_LIMIT_PERCENT and mbit_s > RUNGS[rung] * SENDER_KEEPS_UP:
            passed, best = rung, mbit_s
        else:
            failed = rung
        rung = min(max((passed + failed) // 2, failed - STRIDE), passed + STRIDE)
    return best


def small_packets(lab):
    """Packets of 64 octets that arrive in a second while iperf3 sends as many as it can."""
    return udp(lab, 2, SMALL_PAYLOAD, "-b", "0")["bits_per_second"] / 8 / SMALL_PAYLOAD


def udp(lab, seconds, payload, *options):
    return iperf(lab, seconds, "-u", "-l", str(payload), *options)["end"]["sum_received"]


def socket_buffers():
    """Large enough that the rate is the tunnel's, not that of iperf3's buffer; iperf3 takes no more than the machine allows."""
    allowed = min(int(pathlib.Path(f"/proc/sys/net/core/{name}").read_text()) for name in ("rmem_max", "wmem_max"))
    return ["-w", str(min(allowed, 4 << 20))]


def iperf(lab, seconds, *options):
    text = lab.run(A, "iperf3", "--client", B.inner, "-t", str(seconds), "--json", *options, timeout=seconds + 20)
    return json.loads(text)


@contextlib.contextmanager
def start_ping(lab, count):
    command = ["ip", "netns", "exec", A.name, "ping", "-n", "-c", str(count), "-i", str(1 / PINGS_A_SECOND), "-W", "1", B.inner]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pinging:
        try:
            yield pinging
        finally:
            pinging.kill()


def ping_percentiles(pinging, when):
    """An answer that does not come counts as one after a second, or losing the slow ones would improve the percentiles."""
    output, _ = pinging.communicate(timeout=30)
    sent = re.search(r"([0-9]+) packets transmitted", output)
    if not sent:
        raise Failure(f"ping: {output.strip()[-200:]}")
    answered = sorted(float(each) for each in re.findall(r"time=([0-9.]+) ms", output))
    round_trips = answered + [LOST_PING_MS] * (int(sent.group(1)) - len(answered))
    return {f"{when}_ping_p{p}_ms": round_trips[len(round_trips) * p // 100] for p in (50, 99)}
