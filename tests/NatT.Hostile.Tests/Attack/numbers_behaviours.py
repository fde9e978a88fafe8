"""Sequence numbers: replays, reordering, window edges, and where numbers have 33 bits."""
import os
import random

from behaviours import behaviour

BOTH = ("cbc", "gcm")
WINDOWS = ("window32", "window64", "window1024", "window8192")
LAST32 = (1 << 32) - 1


@behaviour("sequence number 0", *BOTH, "chacha")
def zero(trial):
    trial.drops_stale("SequenceZero", trial.peer.packet(number=0))


@behaviour("the same packet twice, at once", *BOTH, "chacha")
def twice(trial):
    packet = trial.passes()
    trial.drops_stale("Replayed", packet)


@behaviour("the same packet a hundred times", *BOTH)
def hundredfold(trial):
    packet = trial.passes()
    for _ in range(100):
        trial.drops_stale("Replayed", packet)


@behaviour("a packet again after thirty others", *BOTH)
def delayed(trial):
    packet = trial.passes()
    for _ in range(30):
        trial.passes()
    trial.drops_stale("Replayed", packet)


@behaviour("a recorded session again, from its end", *BOTH, proves_window=False)
def session(trial):
    recorded = [trial.passes() for _ in range(200)]
    for age, packet in enumerate(reversed(recorded)):
        trial.drops_stale("Replayed" if age < trial.peer.window else "TooOld", packet)


@behaviour("a packet again whose copy is dropped for its padding", *BOTH)
def dropped_twice(trial):
    bad = trial.peer.outbound.seal(trial.peer.top + 1, os.urandom(62) + bytes([200, 4]))
    trial.drops("BadPadding", bad)
    trial.drops("BadPadding", bad)
    trial.passes()


def reorders(trial):
    """Every number of the window once, in an order that no network keeps; then all of it again."""
    peer = trial.peer
    # The top itself was the fence's.
    numbers = list(range(peer.top - peer.window + 1, peer.top))
    random.Random(peer.window).shuffle(numbers)
    recorded = [trial.passes(number) for number in numbers]
    for packet in recorded:
        trial.drops_stale("Replayed", packet)


def edges(trial):
    peer = trial.peer
    top = peer.top
    trial.drops_stale("TooOld", peer.packet(number=top - peer.window))
    oldest = trial.passes(top - peer.window + 1)
    trial.drops_stale("Replayed", oldest)
    trial.passes(top + 1)
    peer.top = top + 1
    trial.drops_stale("TooOld", oldest)
    trial.passes(peer.top - peer.window + 1)


for window in WINDOWS:
    behaviour(f"reordering across the whole window of {window[6:]}", window, proves_window=False)(reorders)
    behaviour(f"top - W and top - W + 1, W = {window[6:]}", window, proves_window=False)(edges)


@behaviour("a forged packet with a huge number", "cbc", "gcm", "chacha", "window8192", "esn-forged", "esn-gcm-forged")
def forged_huge(trial):
    for ahead in (1, 64, 65, 10_000, 1 << 20, (1 << 31) - 1, 1 << 31, LAST32 - trial.peer.top):
        trial.drops("IcvMismatch", forged(trial.peer, trial.peer.top + ahead))


@behaviour("a forged packet of a number that is still to come", *BOTH)
def forged_next(trial):
    number = trial.peer.top + 1
    trial.drops("IcvMismatch", forged(trial.peer, number))
    trial.passes()


@behaviour("a forged packet of a late number, before the authentic one", *BOTH)
def forged_late(trial):
    number = trial.peer.top - 5
    trial.drops("IcvMismatch", forged(trial.peer, number))
    trial.passes(number)


@behaviour("the end of 32-bit numbers, and what comes after", "wrap", "wrap-gcm", proves_window=False)
def wraps(trial):
    peer = trial.peer
    for number in (LAST32 - 2, LAST32 - 1, LAST32):
        last = trial.passes(number)
    trial.drops_stale("SequenceZero", peer.packet(number=0))
    trial.drops_stale("TooOld", peer.packet(number=1))
    trial.drops_stale("TooOld", peer.packet(number=LAST32 - peer.window))
    trial.drops_stale("Replayed", last)
    trial.passes(LAST32 - peer.window + 1)


@behaviour("across 2^32 with extended numbers", "esn", "esn-gcm")
def extended(trial):
    peer = trial.peer
    early = trial.passes(peer.top + 1)
    before = [trial.passes(number) for number in (LAST32 - 1, LAST32)]
    across = [trial.passes(number) for number in (LAST32 + 1, LAST32 + 2, LAST32 - 5, LAST32 + 30)]
    peer.top = LAST32 + 30
    for packet in (*before, *across):
        trial.drops_stale("Replayed", packet)
    trial.drops_stale("TooOld", peer.packet(number=peer.top - peer.window))
    # Its low half lies above the window's, so that it is taken for one of the next run of numbers, and found to be of this one.
    trial.drops_stale("TooOld", early)
    peer.top += 1
    trial.passes(peer.top)


def forged(peer, number):
    packet = bytearray(peer.packet(number=number))
    packet[-1] ^= 1
    return bytes(packet)
