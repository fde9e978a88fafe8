"""One behaviour tried on one peer: what is sent, what must be counted, and all that must not happen."""
import collections
import os
import time

import packets
from peers import NATT_TUN, PORT

COUNT_LIMIT = 60
ANSWER_LIMIT = 60

# Counted as of an unknown SPI.
SENTINEL = packets.datagram(("203.0.113.250", 9), (NATT_TUN, PORT), b"\xc3" * 8)

# natt-tun's socket holds 8 MiB, in which the kernel reckons a packet at several times its octets.
PACKETS_AT_ONCE, OCTETS_AT_ONCE = 1000, 1 << 20


class Wrong(Exception):
    pass


class Trial:
    def __init__(self, lab, peer):
        self.lab, self.peer = lab, peer
        self.counted = collections.Counter()
        self.delivered = []
        self.sent, self.octets = 0, 0
        self.lines = []
        self.octets_from_outsiders = 0
        self.answer_size = 32

    # What a behaviour does.

    def send(self, payload, source=None, **outer):
        """A datagram as it stands in UDP; from the peer, unless another source is named."""
        if source not in (None, self.peer.outer):
            self.octets_from_outsiders += len(payload)
        source = source or self.peer.outer
        destination = self.peer.far_outer if ":" in source[0] else (NATT_TUN, PORT)
        self.send_outer(packets.datagram(source, destination, payload, **outer))

    def send_outer(self, packet):
        """Any packet, IP header and all."""
        self.lab.wire.send(packet)
        self.sent, self.octets = self.sent + 1, self.octets + len(packet)
        if self.sent == PACKETS_AT_ONCE or self.octets > OCTETS_AT_ONCE:
            self.wait_until_counted()
            self.sent, self.octets = 0, 0

    def drops(self, reason, payload, source=None, **outer):
        self.counted[reason] += 1
        self.send(payload, source, **outer)

    def drops_stale(self, reason, payload, source=None, **outer):
        """An authentic packet whose number is not fresh: it may ask for a probe, to where the peer is."""
        self.lab.probes_allowed[self.peer.outer] += 1
        self.drops(reason, payload, source, **outer)

    def passes(self, number=None, inner=None, source=None, **outer):
        """An authentic packet, by default the newest; returns it."""
        inner = inner or self.peer.inner_packet()
        packet = self.peer.outbound.seal_inner(self.peer.next_number() if number is None else number, inner)
        self.is_delivered(inner)
        self.send(self.peer.framed(packet), source, **outer)
        return packet

    def is_delivered(self, inner):
        self.counted["delivered"] += 1
        self.delivered.append(inner)

    def wait_until_counted(self):
        self.lab.wait_until("all is counted", COUNT_LIMIT, self.is_counted, lambda: (
            f"expected {dict(self.counted)}, counted {dict(self.counted_since(self.lab.daemon.snapshot()))}"))

    def await_line(self, text):
        """Only once: whatever else the log says is wrong."""
        def was_said():
            self.lines += self.lab.daemon.new_log_lines()
            return any(text in line for line in self.lines)

        self.lab.wait_until(f"the log says '{text}'", COUNT_LIMIT, was_said, lambda: self.lines)
        self.lines.remove(next(line for line in self.lines if text in line))

    # Its frame.

    def begin(self):
        lab, peer = self.lab, self.peer
        peer.echoes.clear()
        lab.answer_probes(peer)
        # With a window, from here on every number in it but the top is yet to come.
        self.ask(peer.top + (peer.window or 1))
        lab.probes_allowed[peer.outer] = min(lab.probes_allowed[peer.outer], 1)
        self.await_counters()
        lab.take_frames()
        lab.delivered_inside.packets()
        self.before = lab.daemon.snapshot()
        # Times are told in milliseconds: whoever is heard from now on is heard later than that.
        time.sleep(0.005)

    def await_counters(self):
        """A packet is out before it is counted: once a later one is counted, it is too."""
        before = self.lab.daemon.snapshot().drops["UnknownSpi"]
        self.lab.wire.send(SENTINEL)
        self.lab.wait_until("the next is counted", COUNT_LIMIT, lambda: self.lab.daemon.snapshot().drops["UnknownSpi"] > before, str)

    def finish(self):
        self.lab.wire.send(SENTINEL)
        self.counted["UnknownSpi"] += 1
        self.wait_until_counted()
        self.counted["UnknownSpi"] -= 1
        after = self.lab.daemon.snapshot()
        self.check_counters(after)
        self.check_peer(after)
        self.check_deliveries()
        self.check_frames()
        self.check_log()

    def prove_window(self):
        """The oldest number that the window holds is still to be had, and so is the next: it moved by nothing, marked nothing."""
        if self.peer.window:
            self.ask(self.peer.top - self.peer.window + 1)
        self.ask(self.peer.top + 1, self.answer_size)

    def ask(self, number, size=32):
        peer = self.peer
        peer.top = max(peer.top, number)
        self.lab.wire.send(packets.datagram(peer.outer, peer.far_outer, peer.framed(peer.echo_request(number, size))))
        self.lab.wait_until(
            f"number {number} is answered", ANSWER_LIMIT, lambda: self.lab.take_frames() is None and not peer.echoes,
            lambda: f"top {peer.top}; {self.lab.daemon.report()}")

    # What must hold.

    def is_counted(self):
        since = self.counted_since(self.lab.daemon.snapshot())
        return sum(since.values()) >= sum(self.counted.values())

    def counted_since(self, now):
        since = collections.Counter(now.drops)
        since.subtract(self.before.drops)
        since["delivered"] = now.accepted_of(self.peer.name) - self.before.accepted_of(self.peer.name)
        return since

    def check_counters(self, after):
        since = +self.counted_since(after)
        wrong_unless(since == +self.counted + collections.Counter(UnknownSpi=1), f"counted {dict(since)}, expected {dict(+self.counted)}")
        wrong_unless(after.lost_on_the_way_out == self.before.lost_on_the_way_out, "something was dropped on its way out")

    def check_peer(self, after):
        name = self.peer.name
        place, before = after.place_of(name), self.before.place_of(name)
        wrong_unless(place == before, f"{before} became {place}")
        if not self.counted["delivered"]:
            heard, reported = after.heard_at(name), self.before.uptime
            wrong_unless(heard <= reported + 0.003, f"the peer passed for heard at {heard}, which is after {reported}")

    def check_deliveries(self):
        """Of this peer's packets the device got what it was to get, octet for octet and in this order."""
        own = (packets.address(self.peer.inner), packets.address(self.peer.inner6))
        packets_inside = [p for p in self.lab.delivered_inside.packets() if source_of(p) in own]
        wrong_unless(packets_inside == self.delivered, lambda: f"{len(packets_inside)} packets came out, and not the {len(self.delivered)} expected")

    def check_frames(self):
        self.lab.take_frames()
        wrong_unless(not self.lab.unexplained, f"on the wire: {self.lab.unexplained[:3]}")

    def check_log(self):
        self.lines += self.lab.daemon.new_log_lines()
        wrong_unless(not self.lines, f"the log says: {self.lines}")


def source_of(packet):
    return packet[8:24] if packet[0] >> 4 == 6 else packet[12:16]


def wrong_unless(holds, what):
    if not holds:
        raise Wrong(what() if callable(what) else what)


def random_words(size):
    """Octets whose first word is no SPI of anyone."""
    octets = os.urandom(size)
    return b"\xc3" + octets[1:] if octets else octets
