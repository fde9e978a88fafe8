"""Who takes part: the wire, the natt-tun under attack, and the peers that we play."""
import collections
import time

import packets
from peers import NATT_TUN, NATT_TUN6, PORT
from wire import Delivered, Wire

FIRST_ANSWER_LIMIT = 60
ANSWER_IS_GOOD_FOR = 8
LINK_LOCAL = bytes.fromhex("fe80")
UNSPECIFIED = bytes(16)
FRAGMENTS_TIMED_OUT = bytes([11, 1])


class Lab:
    def __init__(self, daemon, peers, namespace, device):
        self.daemon, self.peers = daemon, peers
        self.wire = Wire("outer", NATT_TUN)
        self.delivered_inside = None
        self.namespace, self.device = namespace, device
        self.by_spi = {peer.inbound.spi: peer for peer in peers.values()}
        # To each endpoint, as many as are answers to what was sent.
        self.probes_allowed = collections.Counter()
        self.octets_to = collections.Counter()
        self.own_packets = collections.defaultdict(list)
        self.unexplained = []
        self.lines = []

    def start(self):
        """Lets every peer answer its first probe, without which natt-tun delivers nothing."""
        self.daemon.wait_until_up(FIRST_ANSWER_LIMIT)
        self.delivered_inside = Delivered(self.namespace, self.device)
        waiting = dict(self.peers)

        def all_answered():
            for peer in self.peers.values():
                self.probes_allowed[peer.outer] = 1000
            self.take_frames()
            for name in [name for name, peer in waiting.items() if peer.probes]:
                self.answer_probes(waiting.pop(name))
            return not waiting

        self.wait_until("every peer got a probe", FIRST_ANSWER_LIMIT, all_answered, lambda: list(waiting))
        self.wait_until("every peer is up", FIRST_ANSWER_LIMIT, self.all_are_up, self.daemon.report)
        self.wait_until("the log says so", FIRST_ANSWER_LIMIT, self.all_are_said_to_be_up, lambda: self.lines)
        # The second of two probes that went before the first answer came may be under way.
        time.sleep(0.2)
        self.take_frames()
        for peer in self.peers.values():
            self.answer_probes(peer)
            self.probes_allowed[peer.outer] = 1

    def all_are_up(self):
        self.take_frames()
        return all(peer["state"] == "up" for peer in self.daemon.report()["peers"])

    def all_are_said_to_be_up(self):
        self.lines += self.daemon.new_log_lines()
        return sum(" is up at " in line for line in self.lines) == len(self.daemon.report()["peers"])

    def answer_probes(self, peer, source=None):
        """As its host would, but when it suits us; returns how many."""
        self.take_frames()
        answers = 0
        for asked_at, identifier, content, _ in peer.probes:
            if time.monotonic() - asked_at < ANSWER_IS_GOOD_FOR:
                answer = peer.framed(peer.answer((identifier, content)))
                self.wire.send(packets.datagram(source or peer.outer, peer.far_outer, answer))
                answers += 1
        peer.probes.clear()
        return answers

    def take_frames(self):
        """Takes what natt-tun's host sent; what nothing of ours explains is kept."""
        for packet in self.wire.received():
            what = self.explain(packet)
            if what is not None:
                self.unexplained.append(f"{what}: {packet[:80].hex()}")

    def explain(self, packet):
        if packet[0] >> 4 == 6 and (packet[8:10] == LINK_LOCAL or packet[8:24] == UNSPECIFIED):
            return None  # its kernel looks for routers and neighbours, and whether anybody has its address already
        if packet[0] >> 4 == 4 and packet[9] == packets.ICMP and packet[20:22] == FRAGMENTS_TIMED_OUT:
            return None  # its kernel tells whoever left a fragment out, half a minute later
        read = packets.read_datagram(packet)
        if read is None:
            return "no UDP datagram"
        source, destination, payload = read
        if source not in ((NATT_TUN, PORT), (NATT_TUN6, PORT)):
            return f"from {source}"
        start = 8 if payload[:8] == bytes(8) else 0
        peer = self.by_spi.get(int.from_bytes(payload[start:start + 4], "big"))
        if peer is None:
            return "of no peer's SPI"
        self.octets_to[peer.name, destination] += len(payload)
        self.own_packets[peer.name].append(payload)
        what = peer.read(payload)
        if what == "probe":
            self.probes_allowed[destination] -= 1
            return None if self.probes_allowed[destination] >= 0 else f"a probe to {destination} that nothing asked for"
        return None if what == "echo" else what

    def wait_until(self, what, limit, condition, details):
        deadline = time.monotonic() + limit
        pause = 0.002
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {limit} s: {what}; {details()}")
            time.sleep(pause)
            pause = min(2 * pause, 0.05)
