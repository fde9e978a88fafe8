"""soak.py NATT_TUN MINUTES FOLDER: two natt-tun under steady traffic, pings and forgeries; samples, a plot and a verdict.

    namespace a: iperf3 (UDP), ping, forge.py ──► tunnel ──► namespace b: iperf3

Needs root, the namespaces that soak.sh makes, and tests/bench on PYTHONPATH.
"""

import json
import pathlib
import re
import statistics
import subprocess
import sys
import threading
import time

from lab import A, B, Failure, Lab, wait_until
from line_plot import svg
from rivals.natt_tun import CONFS, NattTun

HERE = pathlib.Path(__file__).parent

SAMPLE_SECONDS = 10
MBIT_S = 50
PINGS_A_SECOND = 20
FORGERIES_A_SECOND = 1000

# The first part is the JIT's and the collector's: what comes behind it is compared.
SETTLING = 0.25
MEMORY_GROWTH_LIMIT = 0.05
DESCRIPTOR_LIMIT = 2
LOSS_LIMIT_PERCENT = 0.1
LOG_LINES_A_MINUTE = 3


class Pings:
    """Round trips in milliseconds as they come; take() gives those since the last time."""

    def __init__(self, lab):
        command = ["ip", "netns", "exec", A.name, "ping", "-n", "-i", str(1 / PINGS_A_SECOND), B.inner]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self._times = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._process.stdout:
            if found := re.search(r"time=([\d.]+) ms", line):
                self._times.append(float(found.group(1)))

    def take(self):
        times, self._times = self._times, []
        return sorted(times)

    def stop(self):
        self._process.kill()
        self._process.wait()


def main():
    binary, minutes, folder = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3])
    with Lab() as lab:
        samples, lost_percent, forged, counted, lines = soak(lab, binary, minutes * 60)
    with (folder / "samples.jsonl").open("w") as out:
        out.writelines(json.dumps(sample) + "\n" for sample in samples)
    (folder / "soak.svg").write_text(svg(samples))
    problems = judge(samples, lost_percent, forged, counted, lines, minutes)
    print(f"\n{forged} forgeries sent, {counted} counted as IcvMismatch; {lost_percent:.4f} % of the traffic lost; {lines} log lines")
    print(f"samples and plot: {folder}")
    print("\n".join(problems) or f"{minutes} minutes, and all is as it was")
    sys.exit(1 if problems else 0)


def soak(lab, binary, seconds):
    natt_tun = NattTun("natt-tun", "natt-tun", binary)
    natt_tun.prepare(lab)
    daemons = {}
    for end in (B, A):
        daemons[end.name] = natt_tun.start(lab, end)
        natt_tun.wait_ready(lab, end, daemons[end.name])
    server = lab.start(B, "iperf3", "--server", "--bind", B.inner, "--forceflush")
    wait_until(lambda: "Server listening" in server.log.read_text(), server, "iperf3 did not listen")
    traffic = lab.start(A, "iperf3", "--client", B.inner, "--udp", "--bitrate", f"{MBIT_S}M", "--length", 1300, "--time", seconds, "--json")
    spi = re.search(r"^spi_in\s*=\s*(\S+)", (lab.folder / CONFS[B]).read_text(), re.MULTILINE).group(1)
    forging = lab.start(A, sys.executable, HERE / "forge.py", B.outer, spi, FORGERIES_A_SECOND, seconds)
    pings = Pings(lab)
    try:
        samples = sample_all(daemons, pings, seconds)
    finally:
        pings.stop()
    for process in (traffic, forging):
        process.process.wait(60)
    report = json.loads(traffic.log.read_text())
    if "error" in report:
        raise Failure(f"iperf3: {report['error']}")
    forged = int(forging.log.read_text())
    status = json.loads(lab.run(B, binary, "status", "--json"))
    counted = status["peers"][0]["in"]["drops"].get("IcvMismatch", 0)
    lines = sum(len(daemon.log.read_text().splitlines()) for daemon in daemons.values())
    return samples, report["end"]["sum"]["lost_percent"], forged, counted, lines


def sample_all(daemons, pings, seconds):
    samples = []
    started = time.monotonic()
    while (elapsed := time.monotonic() - started) < seconds - 1:
        time.sleep(min(SAMPLE_SECONDS, seconds - elapsed))
        times = pings.take()
        sample = {
            "seconds": round(time.monotonic() - started),
            **{f"rss_mb_{name}": round(daemon.resident_megabytes(), 1) for name, daemon in daemons.items()},
            **{f"descriptors_{name}": len(list(pathlib.Path(f"/proc/{daemon.process.pid}/fd").iterdir())) for name, daemon in daemons.items()},
            **{f"cpu_s_{name}": daemon.cpu_seconds() for name, daemon in daemons.items()},
            "ping_p50_ms": statistics.median(times) if times else None,
            "ping_p99_ms": times[len(times) * 99 // 100] if times else None,
            "pings": len(times),
        }
        samples.append(sample)
        print("  ".join(f"{key} {value}" for key, value in sample.items()), flush=True)
    return samples


def judge(samples, lost_percent, forged, counted, lines, minutes):
    settled = samples[int(len(samples) * SETTLING):]
    problems = []
    for name in (A.name, B.name):
        rss = [sample[f"rss_mb_{name}"] for sample in settled]
        third = max(1, len(rss) // 3)
        before, after = statistics.median(rss[:third]), statistics.median(rss[-third:])
        if after > before * (1 + MEMORY_GROWTH_LIMIT):
            problems.append(f"FAILED: memory of {name} grew from {before:.1f} to {after:.1f} MB")
        descriptors = [sample[f"descriptors_{name}"] for sample in settled]
        if max(descriptors) - min(descriptors) > DESCRIPTOR_LIMIT:
            problems.append(f"FAILED: descriptors of {name} went from {min(descriptors)} to {max(descriptors)}")
    if any(not sample["pings"] for sample in samples):
        problems.append(f"FAILED: {SAMPLE_SECONDS} s without an answer to a ping")
    if lost_percent > LOSS_LIMIT_PERCENT:
        problems.append(f"FAILED: {lost_percent:.3f} % of the traffic was lost")
    if counted != forged:
        problems.append(f"FAILED: of {forged} forgeries {counted} were counted")
    if lines > LOG_LINES_A_MINUTE * (minutes + 2):
        problems.append(f"FAILED: {lines} log lines in {minutes} minutes")
    return problems


if __name__ == "__main__":
    main()
