"""measure.py KEYS ROUNDS RESULTS [--quick]: interleaved rounds, one JSON line for each rival in each round.

The first line of RESULTS is about the machine. Needs root and the namespaces that bench.sh makes.
"""

import argparse
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

from lab import Failure, run
from kernels import Kernels
from measurements import measure
from rivals import all_rivals

HERE = pathlib.Path(__file__).parent
REPOSITORY = HERE.parents[1]


def machine():
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    commit = subprocess.run(["git", "-c", f"safe.directory={REPOSITORY}", "-C", REPOSITORY, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
        "cpu": cpu.group(1) if cpu else platform.machine(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "load_average": os.getloadavg()[0],
        "versions": {
            "natt-tun": commit.stdout.strip(),
            "iperf3": run("iperf3", "--version").split()[1],
        } | rival_versions(),
    }


def rival_versions():
    file = HERE / "obj/rivals/versions"
    return dict(line.split() for line in file.read_text().splitlines()) if file.exists() else {}


def say_round(result):
    words = [f"{key} {value:.4g}" for key, value in result.items() if isinstance(value, float) and " " not in key]
    print(f"  {result['rival']}: {result.get('failure') or ', '.join(words) or 'measured'}", flush=True)


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
    rivals = [Kernels(REPOSITORY), *all_rivals(REPOSITORY)]
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
                    result |= rival.measure() if isinstance(rival, Kernels) else measure(rival, arguments.quick)
                except (Failure, KeyError, subprocess.TimeoutExpired) as failure:
                    result["failure"] = f"{type(failure).__name__}: {failure}"
                result = {key: float(f"{value:.5g}") if isinstance(value, float) else value for key, value in result.items()}
                print(json.dumps(result), file=results, flush=True)
                say_round(result)


main()
