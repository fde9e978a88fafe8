"""quick.py ROUNDS: whether natt-tun's TCP rate, as a share of the plain link's, is at least half of what the recorded run had."""

import pathlib
import sys

from results import RECORDED, Results


def share_of_veth(path):
    results = Results(path)
    for each in results.failures:
        sys.exit(f"round {each['round']}, {each['rival']}: {each['failure']}")
    return results.ratio("natt-tun", "tcp1_mbit_s", "veth", "tcp1_mbit_s")


measured, recorded = share_of_veth(pathlib.Path(sys.argv[1])), share_of_veth(RECORDED)
print(f"natt-tun carries {measured:.2%} of what plain veth does; the recorded run had {recorded:.2%}")
if measured < recorded / 2:
    sys.exit("that is less than half")
