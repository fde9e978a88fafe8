"""Many of them: as fast as natt-tun takes them, so that what it cannot take in time is no part of what is tried here."""

import packets
from behaviours import behaviour
from numbers_behaviours import forged
from peers import NATT_TUN, PORT
from trial import random_words, wrong_unless

COUNT = 50_000
SIZE = 250

# What a runtime with a collector may differ by from one look to the next; a flood that left a tenth of its octets would show.
MEMORY_MARGIN = 16 << 20


@behaviour(f"a flood of {COUNT} datagrams of garbage", "cbc")
def garbage(trial):
    flood(trial, "UnknownSpi", [random_words(SIZE) for _ in range(64)])


@behaviour(f"a flood of {COUNT} forged packets", "cbc", "gcm")
def forgeries(trial):
    flood(trial, "IcvMismatch", [forged(trial.peer, trial.peer.top + ahead) for ahead in range(1, 65)])


@behaviour(f"a flood of {COUNT} replays", "cbc", "gcm")
def replays(trial):
    recorded = [trial.passes() for _ in range(32)]
    trial.lab.probes_allowed[trial.peer.outer] += COUNT
    flood(trial, "Replayed", recorded)


def flood(trial, reason, payloads):
    daemon = trial.lab.daemon
    sources = [trial.peer.outer] + [(f"198.18.3.{host}", 4500) for host in range(7)]
    octets = [packets.datagram(source, (NATT_TUN, PORT), payload) for source in sources for payload in payloads]
    descriptors, memory = daemon.descriptors(), daemon.resident_octets()
    for number in range(COUNT):
        trial.counted[reason] += 1
        trial.send_outer(octets[number % len(octets)])
    trial.wait_until_counted()
    grown = daemon.resident_octets() - memory
    wrong_unless(grown < MEMORY_MARGIN, f"it grew by {grown} octets")
    trial.lab.wait_until("no descriptor more", 60, lambda: daemon.descriptors() <= descriptors, daemon.descriptors)
