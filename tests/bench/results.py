"""What the raw rounds say: medians of each rival, and ratios of two rivals, taken round by round."""

import json
import pathlib
import statistics

HERE = pathlib.Path(__file__).parent
RECORDED = HERE / "figures/rounds.jsonl"


class Results:
    def __init__(self, path):
        lines = path.read_text().splitlines()
        self.machine = json.loads(lines[0])
        self.raw = lines[1:]
        rounds = [json.loads(line) for line in self.raw]
        self.failures = [each for each in rounds if "failure" in each]
        self._rounds = {}
        for each in rounds:
            if "failure" not in each:
                self._rounds.setdefault(each["rival"], {})[each["round"]] = each

    def rivals(self):
        return list(self._rounds)

    def round_count(self):
        return max((len(each) for each in self._rounds.values()), default=0)

    def values(self, rival, quantity):
        """By round."""
        return {number: each[quantity] for number, each in self._rounds.get(rival, {}).items() if quantity in each}

    def median(self, rival, quantity):
        values = self.values(rival, quantity)
        return statistics.median(values.values()) if values else None

    def ratio(self, rival, quantity, other, other_quantity):
        """The median of the rounds' ratios: what a busy minute does to both figures of a round cancels out."""
        mine, theirs = self.values(rival, quantity), self.values(other, other_quantity)
        ratios = [mine[number] / theirs[number] for number in mine if theirs.get(number)]
        return statistics.median(ratios) if ratios else None
