"""The cryptography alone, without packets that move: one round of every engine, in GB/s on one core."""

import json

from lab import run


class Kernels:
    key = "kernels"

    def __init__(self, repository):
        self._benchmarks = repository / "tests/NatT.Benchmarks/bin/Release/net10.0/NatT.Benchmarks"

    def measure(self):
        return json.loads(run(self._benchmarks, "--round"))
