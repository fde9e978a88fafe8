"""measure.py KEYS ROUNDS RESULTS [--quick]: interleaved rounds, one JSON line for each rival in each round.

The first line of RESULTS is about the machine. Needs root and the namespaces that bench.sh makes.
"""

import argparse
import contextlib
import datetime
import json
import os
import pathlib
import platform
import re
import signal
import subprocess
import sys
import threading
import time

from lab import A, B, Failure, Lab, run, wait_until
from rivals import all_rivals

HERE = pathlib.Path(__file__).parent
REPOSITORY = HERE.parents[1]

TCP_SECONDS = 4
PINGS_A_SECOND = 100
IDLE_PINGS = 150

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
        if is_quick:
            return result | one_stream(lab, daemons)
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
    return percentiles("idle", ping(lab, IDLE_PINGS))


def one_stream(lab, daemons):
    """One TCP stream; pings beside it, and the CPU time of both daemons for it."""
    before = sum(each.cpu_seconds() for each in daemons)
    with start_ping(lab, (TCP_SECONDS - 1) * PINGS_A_SECOND) as pinging:
        report = tcp(lab, TCP_SECONDS)
        round_trips = read_ping(pinging)
    after = sum(each.cpu_seconds() for each in daemons)
    gigabytes = report["end"]["sum_received"]["bytes"] / 1e9
    cpu = {"cpu_s_gb": (after - before) / gigabytes} if daemons else {}
    return {"tcp1_mbit_s": received_mbit_s(report)} | cpu | percentiles("loaded", round_trips)


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


def read_ping(pinging):
    output, _ = pinging.communicate(timeout=30)
    return [float(each) for each in re.findall(r"time=([0-9.]+) ms", output)]


def ping(lab, count):
    with start_ping(lab, count) as pinging:
        return read_ping(pinging)


def percentiles(when, round_trips_ms):
    if not round_trips_ms:
        raise Failure(f"no ping was answered ({when})")
    ordered = sorted(round_trips_ms)
    return {f"{when}_ping_p{p}_ms": ordered[min(len(ordered) - 1, len(ordered) * p // 100)] for p in (50, 99)}


def machine():
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    commit = subprocess.run(["git", "-c", f"safe.directory={REPOSITORY}", "-C", REPOSITORY, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
        "cpu": cpu.group(1) if cpu else platform.machine(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "versions": {
            "natt-tun": commit.stdout.strip(),
            "iperf3": run("iperf3", "--version").split()[1],
        } | rival_versions(),
    }


def rival_versions():
    file = HERE / "obj/rivals/versions"
    return dict(line.split() for line in file.read_text().splitlines()) if file.exists() else {}


def say_round(result):
    words = [f"{key} {value:.4g}" for key, value in result.items() if isinstance(value, float)]
    print(f"  {result['rival']}: {result.get('failure') or ', '.join(words)}", flush=True)


def end_with_our_caller():
    """bench.sh holds the other end of our standard input: whatever ends it, ends us, and our namespaces with us."""
    def watch():
        os.read(sys.stdin.fileno(), 1)
        os.kill(os.getpid(), signal.SIGTERM)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    threading.Thread(target=watch, daemon=True).start()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rivals", help="keys, comma-separated; or all")
    parser.add_argument("rounds", type=int)
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true", help="one TCP stream alone")
    arguments = parser.parse_args()
    end_with_our_caller()
    rivals = all_rivals(REPOSITORY)
    if arguments.rivals != "all":
        wanted = arguments.rivals.split(",")
        unknown = set(wanted) - {each.key for each in rivals}
        if unknown:
            parser.error(f"there is no rival {', '.join(sorted(unknown))}; there are {', '.join(each.key for each in rivals)}")
        rivals = [each for each in rivals if each.key in wanted]

    with arguments.results.open("w") as results:
        print(json.dumps(machine()), file=results, flush=True)
        for number in range(1, arguments.rounds + 1):
            print(f"round {number} of {arguments.rounds}, load average {os.getloadavg()[0]:.1f}", flush=True)
            for rival in rivals:
                result = {"round": number, "rival": rival.key}
                try:
                    result |= measure(rival, arguments.quick)
                except Failure as failure:
                    result["failure"] = str(failure)
                result = {key: float(f"{value:.5g}") if isinstance(value, float) else value for key, value in result.items()}
                print(json.dumps(result), file=results, flush=True)
                say_round(result)


main()
