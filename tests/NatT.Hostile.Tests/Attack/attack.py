"""attack.py --list: the behaviours, one a line.
attack.py --confs FOLDER STATE_DIR CONTROL_SOCKET LOG_FILE NAMESPACE DEVICE: writes the confs of all peers into FOLDER, says "ready", waits
for a natt-tun with these confs, tries every behaviour on it, and says of each in a line of JSON what came of it.
"""
import collections
import json
import os
import sys
import time
import traceback

import numbers_behaviours  # noqa: F401  in this order they are tried
import forgery_behaviours  # noqa: F401
import datagram_behaviours  # noqa: F401
import inner_behaviours  # noqa: F401
import outsider_behaviours  # noqa: F401
import flood_behaviours  # noqa: F401
from behaviours import ALL
from daemon import Daemon
from lab import Lab
from peers import all_peers
from trial import Trial

# Each may have waited for a minute.
MOST_PROBLEMS = 5


def attempt(lab, behaviour):
    """What was counted over all its peers, and what was wrong, if anything."""
    counted = collections.Counter()
    for name in behaviour.peers:
        trial = Trial(lab, lab.peers[name])
        try:
            trial.begin()
            behaviour.act(trial)
            trial.finish()
            if behaviour.proves_window:
                trial.prove_window()
        except Exception as problem:  # whatever it is, the next behaviour is tried all the same
            lab.unexplained.clear()
            return counted, f"{name}: {problem}\n{traceback.format_exc()}"
        counted.update(trial.counted)
    return +counted, None


def say(**fields):
    print(json.dumps(fields), flush=True)


def write_confs(peers, folder, state_folder):
    for peer in peers.values():
        file = os.path.join(folder, f"{peer.name}.conf")
        with open(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="ascii") as conf:
            conf.write(peer.conf(state_folder))


def main(arguments):
    if arguments == ["--list"]:
        print("\n".join(behaviour.name for behaviour in ALL))
        return
    _, folder, state_folder, control_socket, log_file, namespace, device = arguments
    peers = all_peers()
    write_confs(peers, folder, state_folder)
    lab = Lab(Daemon(control_socket, log_file), peers, namespace, device)
    print("ready", flush=True)
    lab.start()
    problems = 0
    for behaviour in ALL:
        started = time.monotonic()
        counted, problem = attempt(lab, behaviour) if problems < MOST_PROBLEMS else ({}, "not tried any more")
        problems += problem is not None
        say(behaviour=behaviour.name, problem=problem, counted=counted, seconds=round(time.monotonic() - started, 3))
    print("done", flush=True)


main(sys.argv[1:])
