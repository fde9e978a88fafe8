"""median.py ROUNDS RIVAL QUANTITY: the median of one figure; nothing where it was not measured."""

import pathlib
import sys

from results import Results

rounds, rival, quantity = sys.argv[1:]
value = Results(pathlib.Path(rounds)).median(rival, quantity)
print("" if value is None else f"{value:.0f}")
