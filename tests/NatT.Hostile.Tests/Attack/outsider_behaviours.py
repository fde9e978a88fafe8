"""What comes from where the peer is not: reflections, roaming and pretended roaming, spoofed sources, ICMP errors."""
import struct
import time

import packets
from behaviours import behaviour
from numbers_behaviours import forged
from peers import NATT_TUN, PORT
from trial import random_words, wrong_unless

AMPLIFICATION = 3
MOVE_LIMIT = 60

# IPv4 and UDP.
OUTER_HEADERS = 28


@behaviour("natt-tun's own packets come back", "cbc", "gcm")
def reflected(trial):
    for packet in trial.lab.own_packets[trial.peer.name][-20:]:
        for source in (trial.peer.outer, thief(trial.peer)):
            trial.drops("UnknownSpi", packet, source)
        # Its kernel takes nothing that claims to come from itself.
        trial.send(packet, (NATT_TUN, PORT))


@behaviour("natt-tun's own packets come back under shared keys", "shared")
def reflected_shared(trial):
    for source in (trial.peer.outer, thief(trial.peer)):
        for packet in trial.lab.own_packets[trial.peer.name][-20:]:
            trial.drops("OwnSource", packet, source)


@behaviour("replays where the window is off: delivered, and no sign of life or place", "open")
def without_window(trial):
    inner = trial.peer.inner_packet()
    packet = trial.peer.outbound.seal_inner(trial.peer.next_number(), inner)
    heard = trial.before.heard_at(trial.peer.name)
    for _ in range(20):
        trial.is_delivered(inner)
        trial.send(packet)
    trial.wait_until_counted()
    wrong_unless(abs(trial.lab.daemon.snapshot().heard_at(trial.peer.name) - heard) < 0.003, "a replay passed for a sign of life")


@behaviour("the peer moves to another port", "roams-port")
def moves_port(trial):
    moves(trial, (trial.peer.outer[0], 40_001))


@behaviour("the peer moves to another address and back", "roams-address")
def moves_address(trial):
    home = trial.peer.outer
    moves(trial, ("203.0.113.180", PORT))
    moves(trial, home)


def moves(trial, there):
    """Traffic stays where it was until a fresh answer comes from there."""
    lab, peer = trial.lab, trial.peer
    home = peer.outer
    lab.probes_allowed.update({home: 100, there: 100})
    trial.passes(source=there)
    lab.wait_until("a probe goes there", MOVE_LIMIT, lambda: probed(lab, peer, there), lambda: lab.daemon.report())
    wrong_unless(lab.daemon.snapshot().place_of(peer.name)["endpoint"] == text(home), "it moved before it answered")
    trial.counted["delivered"] += lab.answer_probes(peer, source=there)
    peer.outer = there
    lab.wait_until("it moved", MOVE_LIMIT, lambda: lab.daemon.snapshot().place_of(peer.name)["endpoint"] == text(there), lambda: lab.daemon.report())
    trial.await_line(f"peer {peer.name} moved from {text(home)} to {text(there)}")
    trial.before.peers[peer.name]["endpoint"] = text(there)


@behaviour("an authentic packet from elsewhere whose sender answers no probe", "roams-unanswered")
def unanswered(trial):
    stays(trial, lambda: trial.passes(source=thief(trial.peer)))


@behaviour("a copy on the path wins the race from another address", "roams-race")
def race(trial):
    def steal():
        for _ in range(5):
            packet = trial.passes(source=thief(trial.peer))
            trial.drops_stale("Replayed", packet)
    stays(trial, steal)


@behaviour("replays from elsewhere", "roams-replay")
def replays_elsewhere(trial):
    def replay():
        packet = trial.passes()
        for _ in range(20):
            trial.drops_stale("Replayed", packet, thief(trial.peer))
        trial.drops_stale("TooOld", trial.peer.packet(number=1), thief(trial.peer))
    stays(trial, replay)


@behaviour("forged packets from elsewhere", "roams-forged")
def forged_elsewhere(trial):
    for ahead in range(1, 21):
        trial.drops("IcvMismatch", forged(trial.peer, trial.peer.top + ahead), thief(trial.peer))


@behaviour("junk from elsewhere", "roams-junk")
def junk_elsewhere(trial):
    for length in (0, 1, 4, 8, 100, 1400):
        trial.drops("TooShort" if length < 8 else "UnknownSpi", random_words(length), thief(trial.peer))
    spi = struct.pack("!I", trial.peer.outbound.spi)
    trial.drops("IcvMismatch", spi + bytes(4 + 16 + 32 + 16), thief(trial.peer))


@behaviour("old but valid packets from elsewhere", "roams-late")
def late_elsewhere(trial):
    for back in range(10, 1, -1):
        trial.passes(trial.peer.top - back, source=thief(trial.peer))


@behaviour("an answer that comes from elsewhere than it was asked", "roams-elsewhere")
def answers_elsewhere(trial):
    """A probe went to one candidate; what answers it from a third address is authentic, and names a candidate at most."""
    lab, peer = trial.lab, trial.peer
    third = ("203.0.113.201", 4501)

    def answer():
        trial.passes(source=thief(trial.peer))
        lab.wait_until("a probe goes there", MOVE_LIMIT, lambda: probed(lab, peer, thief(peer)), lambda: lab.daemon.report())
        trial.counted["delivered"] += lab.answer_probes(peer, source=third)
        trial.octets_from_outsiders += 200
    lab.probes_allowed[third] = 100
    stays(trial, answer)


@behaviour("an answer to a probe again, from elsewhere", "roams-stale-answer")
def answers_again(trial):
    lab, peer = trial.lab, trial.peer

    def answer_again():
        packet = trial.passes()
        trial.drops_stale("Replayed", packet)
        lab.wait_until("a probe", MOVE_LIMIT, lambda: probed(lab, peer, peer.outer), lambda: lab.daemon.report())
        asked = [(identifier, content) for _, identifier, content, _ in peer.probes]
        peer.probes.clear()
        for probe in asked:
            reply = peer.answer(probe)
            trial.counted["delivered"] += 1
            trial.send(reply)
            for _ in range(10):
                trial.drops_stale("Replayed", reply, thief(trial.peer))
    stays(trial, answer_again)


@behaviour("junk, forgeries and replays from 500 sources", "roams-spoofed")
def spoofed(trial):
    lab, peer = trial.lab, trial.peer
    descriptors = lab.daemon.descriptors()

    def spoof():
        packet = trial.passes()
        for source in range(500):
            origin = (f"198.18.{source // 250}.{1 + source % 250}", 1024 + source)
            lab.probes_allowed[origin] = 1
            trial.drops("UnknownSpi", random_words(100), origin)
            trial.drops("IcvMismatch", forged(peer, peer.top + 1), origin)
            trial.drops_stale("Replayed", packet, origin)
    stays(trial, spoof)
    lab.wait_until("no descriptor more", MOVE_LIMIT, lambda: lab.daemon.descriptors() <= descriptors, lab.daemon.descriptors)


@behaviour("ICMP errors about the tunnel's own datagrams", "cbc")
def icmp_errors(trial):
    lab, peer = trial.lab, trial.peer
    sent = packets.ipv4(NATT_TUN, peer.outer[0], packets.udp(
        (NATT_TUN, PORT), peer.outer, lab.own_packets[peer.name][-1]), packets.UDP)[:OUTER_HEADERS + 100]
    too_big = [(3, 4, struct.pack("!HH", 0, mtu)) for mtu in (0, 68, 552, 576, 1280)]
    unreachable = [(3, code, bytes(4)) for code in (0, 1, 2, 3, 5, 9, 10, 13)]
    others = [(4, 0, bytes(4)), (5, 1, packets.address("203.0.113.254")), (11, 0, bytes(4)), (11, 1, bytes(4)), (12, 0, bytes(4))]
    for source in ("198.51.100.2", peer.outer[0], "203.0.113.254"):
        for kind, code, rest in too_big + unreachable + others:
            trial.send_outer(packets.ipv4(source, NATT_TUN, packets.icmp(kind, code, rest + sent), packets.ICMP))
    # An answer as long as the device allows still leaves, in one piece: a fragment would be no UDP datagram here.
    trial.answer_size = 1300


@behaviour("a wrong UDP checksum: the kernel's to drop", "cbc")
def wrong_checksum(trial):
    for _ in range(10):
        trial.drops("SocketQueueFull", trial.peer.packet(number=trial.peer.top + 1), is_damaged=True)
    # What the kernel drops is told of once a minute, whatever it is.
    trial.await_line("died in the kernel's queue")


def stays(trial, act):
    """Whatever comes from there: the endpoint is where it was, and the sender of authentic packets draws three times their octets at most."""
    lab, peer = trial.lab, trial.peer
    lab.probes_allowed.update({peer.outer: 100, thief(peer): 100})
    before = lab.octets_to.copy()
    act()
    # Time enough for probes to go there, of which one a second may.
    deadline = time.monotonic() + 1.5
    while time.monotonic() < deadline:
        lab.take_frames()
        time.sleep(0.05)
    drawn = sum(octets - before[place] for place, octets in lab.octets_to.items() if place[0] == peer.name and place[1] != peer.outer)
    wrong_unless(drawn <= AMPLIFICATION * trial.octets_from_outsiders, f"{trial.octets_from_outsiders} octets from elsewhere drew {drawn}")


def probed(lab, peer, place):
    """Whether a packet of this peer's went there since the last look."""
    before = lab.octets_to[peer.name, place]
    lab.take_frames()
    return lab.octets_to[peer.name, place] > before


def thief(peer):
    """An address of its own for each peer, which may remember it as a candidate for a while."""
    return "203.0.113.200", 40_000 + int(peer.inner.split(".")[2])


def text(endpoint):
    return f"{endpoint[0]}:{endpoint[1]}"
