"""What is measured without a network: every engine in GB/s on one core, and the data paths with many peers."""

import json

from lab import run


class Kernels:
    key = "kernels"

    def __init__(self, repository):
        self._benchmarks = repository / "tests/NatT.Benchmarks/bin/Release/net10.0/NatT.Benchmarks"

    def measure(self):
        return json.loads(run(self._benchmarks, "--round")) | json.loads(run(self._benchmarks, "--peers-line"))
