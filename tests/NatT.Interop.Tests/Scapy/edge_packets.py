"""edge_packets.py CONF: sends what natt-tun must take although it is odd, and what it must not take although it is authentic.

Every case carries UDP to a port of its own, so that what was delivered can be told apart; `case PORT NAME` says which is which.
"""
import os
import signal
import socket
import struct
import sys
import time

from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.ipsec import _ESPPlain
from scapy.packet import Raw, raw

from esp_peer import NON_IKE_MARKER, EspPeer, say, serve_until_told

FIRST_PORT = 7000
NEXT_HEADER_IPV4, NEXT_HEADER_TCP, NEXT_HEADER_IPV6, NEXT_HEADER_DUMMY = 4, 6, 41, 59
WINDOW = 1024
TOS_NOT_ECT, TOS_ECT0, TOS_CE = 0, 2, 3


class EdgePackets:
    def __init__(self, peer):
        self.peer = peer
        self.port = FIRST_PORT - 1

    def case(self, name):
        # Apart in time, so that no two cases share a batch.
        time.sleep(0.02)
        self.port += 1
        say(f"case {self.port} {name}")

    def inner4(self, size=64, **fields):
        header = IP(**{"src": self.peer.own[0], "dst": self.peer.far[0], **fields})
        return header / UDP(sport=6999, dport=self.port) / Raw(os.urandom(size))

    def inner6(self, size=64, **fields):
        header = IPv6(**{"src": self.peer.own[1], "dst": self.peer.far[1], **fields})
        return header / UDP(sport=6999, dport=self.port) / Raw(os.urandom(size))

    def number(self):
        number = self.peer.outbound.seq_num
        self.peer.outbound.seq_num += 1
        return number

    def seal(self, body, next_header=NEXT_HEADER_IPV4, padding=None, announced_padding=None, number=None):
        """Any plaintext, under a valid ICV."""
        sa = self.peer.outbound
        if padding is None:
            padding = ascending(-(len(body) + 2) % 16)
        plain = _ESPPlain(
            spi=sa.spi, seq=self.number() if number is None else number, iv=os.urandom(16),
            data=Raw(body), padding=padding,
            padlen=len(padding) if announced_padding is None else announced_padding, nh=next_header)
        esp = sa.crypt_algo.encrypt(sa, plain, sa.crypt_key)
        return raw(sa.auth_algo.sign(esp, sa.auth_key))

    def send(self, esp, **options):
        self.peer.send(esp, **options)

    def well_formed(self):
        self.case("IPv4 packet")
        self.send(self.peer.seal(self.inner4()))
        self.case("IPv6 packet")
        self.send(self.peer.seal(self.inner6()))
        self.case("packet in the other framing")
        self.send(self.peer.seal(self.inner4()), is_non_ike=not self.peer.is_non_ike)
        self.case("packet longer than the device's MTU")
        self.send(self.peer.seal(self.inner4(size=3000)))

    def padding(self):
        self.case("padding of 255 octets")
        # 20 IPv4, 8 UDP, 255 padding and 2 more make whole blocks with 3 of payload.
        self.send(self.seal(raw(self.inner4(size=3)), padding=ascending(255)))
        self.case("padding that is not 1, 2, 3")
        self.send(self.seal(raw(self.inner4(size=64)), padding=bytes(2)))
        self.case("padding longer than the packet")
        self.send(self.seal(raw(self.inner4(size=34)), padding=b"", announced_padding=200))
        self.case("octets after the IPv4 packet, as traffic flow confidentiality adds them")
        self.send(self.seal(raw(self.inner4()) + os.urandom(100)))
        self.case("octets after the IPv6 packet, as traffic flow confidentiality adds them")
        self.send(self.seal(raw(self.inner6()) + os.urandom(100), next_header=NEXT_HEADER_IPV6))

    def next_headers(self):
        self.case("dummy packet")
        self.send(self.seal(raw(self.inner4()), next_header=NEXT_HEADER_DUMMY))
        self.case("next header TCP")
        self.send(self.seal(raw(self.inner4()), next_header=NEXT_HEADER_TCP))
        self.case("IPv4 packet announced as IPv6")
        self.send(self.seal(raw(self.inner4()), next_header=NEXT_HEADER_IPV6))
        self.case("IPv6 packet announced as IPv4")
        self.send(self.seal(raw(self.inner6()), next_header=NEXT_HEADER_IPV4))

    def inner_headers(self):
        self.case("source is the receiver's own address")
        self.send(self.peer.seal(self.inner4(src=self.peer.far[0])))
        self.case("source outside the selectors")
        self.send(self.peer.seal(self.inner4(src="10.55.0.1")))
        self.case("destination outside the selectors")
        self.send(self.peer.seal(self.inner4(dst="10.55.0.1")))
        self.case("multicast source")
        self.send(self.peer.seal(self.inner4(src="224.0.0.1")))
        self.case("loopback source")
        self.send(self.peer.seal(self.inner4(src="127.0.0.1")))
        self.case("IPv6 source is the receiver's own address")
        self.send(self.peer.seal(self.inner6(src=self.peer.far[1])))
        self.case("IPv6 source outside the selectors")
        self.send(self.peer.seal(self.inner6(src="fd55::1")))
        self.case("IPv6 destination outside the selectors")
        self.send(self.peer.seal(self.inner6(dst="fd55::1")))
        self.case("IPv6 multicast source")
        self.send(self.peer.seal(self.inner6(src="ff02::1")))
        self.case("IPv6 loopback source")
        self.send(self.peer.seal(self.inner6(src="::1")))
        self.case("inner length beyond the packet")
        self.send(self.seal(raw(self.inner4(len=500))))
        self.case("IPv6 inner length beyond the packet")
        self.send(self.seal(raw(self.inner6(plen=500)), next_header=NEXT_HEADER_IPV6))
        self.case("wrong inner header checksum")
        self.send(self.seal(raw(self.inner4(chksum=0x1234))))

    def numbers(self):
        self.case("packet that comes twice")
        twice = self.peer.seal(self.inner4())
        self.send(twice)
        time.sleep(0.05)
        self.send(twice)
        self.case("sequence number 0")
        self.send(self.seal(raw(self.inner4()), number=0))
        too_late, late = self.number(), self.number()
        self.peer.outbound.seq_num = too_late + WINDOW
        self.case("packet that jumps ahead")
        self.send(self.peer.seal(self.inner4()))
        self.case("late packet inside the window")
        self.send(self.seal(raw(self.inner4()), number=late))
        self.case("late packet below the window")
        self.send(self.seal(raw(self.inner4()), number=too_late))

    def forgeries(self):
        self.case("damaged ICV")
        esp = bytearray(self.peer.seal(self.inner4()))
        esp[-1] ^= 1
        self.send(bytes(esp))
        self.case("damaged ciphertext")
        esp = bytearray(self.peer.seal(self.inner4()))
        esp[40] ^= 1
        self.send(bytes(esp))
        self.case("altered sequence number")
        esp = bytearray(self.peer.seal(self.inner4()))
        esp[7] ^= 0x80
        self.send(bytes(esp))
        self.case("truncated packet")
        self.send(self.peer.seal(self.inner4())[:-16])

    def congestion(self):
        for name, inner, outer in (
                ("congestion marked on the way of a packet that cannot carry the mark", TOS_NOT_ECT, TOS_CE),
                ("congestion marked on the way of a packet that can carry the mark", TOS_ECT0, TOS_CE)):
            self.case(name)
            self.peer.socket.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, outer)
            self.send(self.peer.seal(self.inner4(tos=inner)))
            self.peer.socket.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 0)

    def reflection(self):
        """With one key set for both directions natt-tun's own frames are authentic to it: this one is an answer to a ping."""
        self.peer.ping(self.peer.far[0], 1)
        self.peer.send_datagram(self.peer.last_datagram)

    def not_ours(self):
        """What no case can be made of, for it carries no packet: nothing but a working tunnel is expected afterwards."""
        spi = struct.pack(">I", self.peer.outbound.spi)
        for datagram in (
                b"\xff", b"\x00", b"", b"\xff\xff", spi, spi + bytes(4), NON_IKE_MARKER, NON_IKE_MARKER + spi,
                # IKE: the non-ESP marker of RFC 3948 §2.2, then an IKE_SA_INIT header.
                bytes(4) + os.urandom(8) + bytes(8) + b"\x21\x20\x22\x08" + bytes(4) + struct.pack(">I", 28),
                # The reserved SPI 1, an SPI nobody knows, and noise of every length.
                struct.pack(">II", 1, 1) + os.urandom(96), struct.pack(">II", 0xdeadbeef, 1) + os.urandom(96),
                *(os.urandom(length) for length in range(1, 200, 7)), os.urandom(60000)):
            self.peer.send_datagram(datagram)


def ascending(length):
    return bytes(range(1, length + 1))


def wait_until_told(peer):
    """Answers until SIGUSR1."""
    while not told:
        peer.serve(0.1)


def tell(*_):
    global told
    told = True


told = False
signal.signal(signal.SIGUSR1, tell)
peer = EspPeer(sys.argv[1])
say("ready")
peer.wait_for_probe()
wait_until_told(peer)
edge = EdgePackets(peer)
for cases in (edge.well_formed, edge.padding, edge.next_headers, edge.inner_headers, edge.numbers, edge.forgeries,
              edge.congestion, edge.reflection, edge.not_ours):
    cases()
    # The kernel behind natt-tun says that nobody listens on that port; what it says is checked like all else.
    peer.serve(0.1)
say("sent all cases")
serve_until_told(peer)
