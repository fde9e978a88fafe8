"""report.py ROUNDS [--raw] [--write-readme]: table, ratios and targets of a file of raw rounds.

Exit status 1 where the run is no good: a rival failed, or wireguard-go was not at its best.
"""

import argparse
import pathlib
import shutil
import sys
from dataclasses import dataclass

from plot import svg
from results import HERE, RECORDED, Results
from rivals import all_rivals

REPOSITORY = HERE.parents[1]
README = REPOSITORY / "README.md"
PLOT = HERE / "figures/bench.svg"
BEGIN = "<!-- bench: from here to its end written by tests/bench.sh --write-readme -->"
END = "<!-- end of bench -->"

EXPLANATION = """\
Both daemons, iperf3 and the link share the cores. Inner MTU 1400, outer 1500, TCP with cubic, the receiver's figures; CPU is user and
system time of both daemons; 64-octet packets are those that arrive while iperf3 sends all it can; *ping* is of an idle tunnel, *loaded* beside
one TCP stream; *first packet* counts from the start of the second daemon to the first answer, all else from some seconds later on. Measure again with `tests/bench.sh` (half an hour)."""

OURS = "natt-tun"
YARDSTICK = "wireguard-go"
KERNELS = "kernels"

# Without its offloads wireguard-go is no faster than the plain tunnel with the same cipher; with them it is more than twice as fast.
VALID_RATIO = 1.5


@dataclass(frozen=True)
class Quantity:
    key: str
    heading: str
    digits: int
    unit: str


QUANTITIES = [
    Quantity("tcp1_mbit_s", "TCP, 1 stream", 0, "Mbit/s"),
    Quantity("tcp4_mbit_s", "TCP, 4 streams", 0, "Mbit/s"),
    Quantity("udp_mbit_s", "UDP, < 0.5 % lost", 0, "Mbit/s"),
    Quantity("small_packets_s", "64-octet packets", 0, "1/s"),
    Quantity("cpu_s_gb", "CPU", 2, "s/GB"),
    Quantity("idle_ping_p50_ms", "ping p50", 2, "ms"),
    Quantity("idle_ping_p99_ms", "ping p99", 2, "ms"),
    Quantity("loaded_ping_p50_ms", "loaded p50", 1, "ms"),
    Quantity("loaded_ping_p99_ms", "loaded p99", 1, "ms"),
    Quantity("rss_mb", "RSS", 0, "MB"),
    Quantity("first_packet_s", "first packet", 2, "s"),
]


@dataclass(frozen=True)
class Target:
    """What natt-tun is to reach: a figure, or its ratio to another of the same round."""

    title: str
    figure: tuple
    limit: float
    aim: float
    to: tuple = None
    unit: str = f"x {YARDSTICK}"
    is_at_least: bool = False

    def line(self, results):
        value = results.ratio(*self.figure, *self.to) if self.to else results.median(*self.figure)
        sign = ">=" if self.is_at_least else "<="
        measured = "-" if value is None else f"{value:.2f} {self.unit}".strip()
        return [self.title, measured, f"{sign} {self.limit:g}", f"{self.aim:.3g}", self.verdict(value)]

    def verdict(self, value):
        if value is None:
            return "not measured"
        if self._reaches(value, self.aim):
            return "met, and the aim" if self.aim != self.limit else "met"
        return "met" if self._reaches(value, self.limit) else "MISSED"

    def _reaches(self, value, bound):
        return value >= bound if self.is_at_least else value <= bound


def against_yardstick(title, rival, quantity, limit, aim, is_at_least=False):
    return Target(title, (rival, quantity), limit, aim, to=(YARDSTICK, quantity), is_at_least=is_at_least)


def kernel(title, case, limit, aim, to=None, unit="GB/s"):
    return Target(title, (KERNELS, case), limit, aim, to=to and (KERNELS, to), unit=unit, is_at_least=True)


CBC, GCM, CHACHA = "aes-cbc-hmac-sha256", "aes-gcm-16", "chacha20-poly1305"

# A kernel's figure is the slower of sealing and opening; packets of 1408 octets where nothing else is said.
TARGETS = [
    kernel("CBC + HMAC, AVX-512, batches of 16", f"{CBC} AVX-512 16 full", 1.2, 1.37),
    kernel("CBC + HMAC, AVX-512, batches of 64", f"{CBC} AVX-512 64 full", 1.2, 1.37),
    kernel("CBC + HMAC, AVX2, batches of 16", f"{CBC} AVX2 16 full", 0.8, 0.86),
    kernel("CBC + HMAC, AVX-512, batches of 1", f"{CBC} AVX-512 1 full", 0.17, 0.17),
    kernel("CBC + HMAC, AVX-512, batches of 4", f"{CBC} AVX-512 4 full", 0.65, 0.65),
    kernel("CBC + HMAC, AVX-512, batches of 8", f"{CBC} AVX-512 8 full", 1.05, 1.05),
    kernel("CBC + HMAC, AVX-512, sizes mixed", f"{CBC} AVX-512 64 mixed", 0.6, 0.75, f"{CBC} AVX-512 64 full", "x unmixed"),
    kernel("CBC + HMAC, AVX2, sizes mixed", f"{CBC} AVX2 64 mixed", 0.6, 0.75, f"{CBC} AVX2 64 full", "x unmixed"),
    kernel("AES-256-GCM", f"{GCM} AVX-512 16 full", 2.8, 3.2),
    kernel("ChaCha20-Poly1305", f"{CHACHA} AVX-512 16 full", 1, 1.3, f"{CHACHA} platform 16 full", "x OpenSSL"),
    kernel("10,000 peers, one active", "one peer active, super-packets", 0.97, 0.97, unit="x one peer"),
    kernel("10,000 peers, all in super-packets", "all active, super-packets in turn", 0.85, 0.85, unit="x one peer"),
    kernel("10,000 peers, one packet each in turn", "all active, one packet each in turn", 0.85, 0.85, unit="x one peer"),
    Target("KB of memory a peer", (KERNELS, "kilobytes a peer"), 8, 8, unit="KB"),
    Target("octets that a batch allocates", (KERNELS, "allocated"), 0, 0, unit=""),
    against_yardstick("TCP, 1 stream", OURS, "tcp1_mbit_s", 2, 2.7, is_at_least=True),
    against_yardstick("TCP, 1 stream, without AVX-512", "natt-tun-no-avx512", "tcp1_mbit_s", 1.6, 2, is_at_least=True),
    against_yardstick("TCP, 1 stream, AES-256-GCM", "natt-tun-gcm", "tcp1_mbit_s", 3, 4, is_at_least=True),
    Target("TCP, 2 streams, 2 workers against 1", ("natt-tun-2-workers", "tcp2_mbit_s"), 1, 1.01, to=(OURS, "tcp2_mbit_s"), unit="x", is_at_least=True),
    against_yardstick("ping p50, idle", OURS, "idle_ping_p50_ms", 1, 0.5),
    against_yardstick("ping p99, under a TCP stream", OURS, "loaded_ping_p99_ms", 1, 0.5),
    against_yardstick("CPU of both daemons per GB", OURS, "cpu_s_gb", 0.5, 1 / 2.4),
    Target("start to first packet", (OURS, "first_packet_s"), 0.5, 0.25, unit="s"),
]


def figure(value, digits):
    return "-" if value is None else f"{value:,.{digits}f}"


def rows(results):
    """Titles and figures, in the order of the table."""
    for rival in all_rivals(REPOSITORY):
        if results.values(rival.key, QUANTITIES[0].key):
            yield rival.title, [figure(results.median(rival.key, each.key), each.digits) for each in QUANTITIES]


def print_table(lines):
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        print("  " + "  ".join([line[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]))


def machine_sentence(results):
    machine = results.machine
    named = ("natt-tun", "wireguard-go", "strongswan-charon", "openvpn", "iperf3")
    versions = ", ".join(f"{name} {machine['versions'][name]}" for name in named if name in machine["versions"])
    return f"{machine['date']}, {machine['cpu']}, {machine['cores']} cores for both ends, kernel {machine['kernel']}; {versions}; " \
           f"medians of {results.round_count()} interleaved rounds, from a load average of {machine['load_average']:.1f} on"


def print_report(results):
    print(f"\n{machine_sentence(results)}\n")
    print_table([["", *(each.heading for each in QUANTITIES)], ["", *(each.unit for each in QUANTITIES)], *([title, *cells] for title, cells in rows(results))])
    print("\nnatt-tun to the others, medians of the rounds' ratios:\n")
    print_table([["", "TCP, 1 stream", "CPU per GB"], *(
        [rival.title, *(figure(results.ratio(OURS, quantity, rival.key, quantity), 3) for quantity in ("tcp1_mbit_s", "cpu_s_gb"))]
        for rival in all_rivals(REPOSITORY) if rival.key in results.rivals() and rival.key != OURS)])
    print("\ntargets:\n")
    print_table([["", "measured", "target", "aim", ""], *(target.line(results) for target in TARGETS)])


def complaints(results):
    for each in results.failures:
        yield f"round {each['round']}, {each['rival']}: {each['failure']}"
    advantage = results.ratio(YARDSTICK, "tcp1_mbit_s", "plain", "tcp1_mbit_s")
    if advantage is not None and advantage < VALID_RATIO:
        yield f"INVALID: wireguard-go was only {advantage:.2f} times as fast as the plain tunnel, less than {VALID_RATIO}: it was not at its best here"


def readme_section(results):
    yield BEGIN
    yield "## How fast"
    yield ""
    yield f"![TCP throughput and CPU time per GB of natt-tun and others]({PLOT.relative_to(REPOSITORY)})"
    yield ""
    yield "| | " + " | ".join(f"{each.heading}, {each.unit}" for each in QUANTITIES) + " |"
    yield "|---|" + "---:|" * len(QUANTITIES)
    for title, cells in rows(results):
        yield f"| {title} | " + " | ".join(cells) + " |"
    yield ""
    yield EXPLANATION
    yield ""
    yield "Targets, the cryptography's in GB/s on one core, the slower of sealing and opening 1408 octets each:"
    yield ""
    yield "| | measured | target | aim | |"
    yield "|---|---:|---:|---:|---|"
    for target in TARGETS:
        yield "| " + " | ".join(target.line(results)).replace(">=", "≥").replace("<=", "≤") + " |"
    yield ""
    yield f"({machine_sentence(results)}.)"
    yield END


def write_readme(results, rounds):
    before, _, rest = README.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        sys.exit(f"{README}: the lines '{BEGIN}' and '{END}' are missing")
    README.write_text(before + "\n".join(readme_section(results)) + after)
    PLOT.parent.mkdir(exist_ok=True)
    titles = {each.key: each.title for each in all_rivals(REPOSITORY)}
    PLOT.write_text(svg(results, titles, OURS))
    shutil.copyfile(rounds, RECORDED)
    print(f"\nwrote {README.name}, {PLOT.relative_to(REPOSITORY)} and {RECORDED.relative_to(REPOSITORY)}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rounds", type=pathlib.Path)
    parser.add_argument("--raw", action="store_true")
    parser.add_argument("--write-readme", action="store_true")
    arguments = parser.parse_args()
    results = Results(arguments.rounds)
    if arguments.raw:
        print("\nraw rounds:\n", *results.raw, sep="\n")
    print_report(results)
    problems = list(complaints(results))
    if problems:
        print("", *problems, sep="\n")
    if arguments.write_readme:
        if problems:
            sys.exit("README stays as it is: the run is no good")
        write_readme(results, arguments.rounds)
    return 1 if problems else 0


sys.exit(main())
