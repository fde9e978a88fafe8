"""What a peer with keys and ill will, or a bug, may put inside: trailers, headers, addresses, congestion marks, fragments."""
import os
import struct

import packets
from associations import ascending
from behaviours import behaviour
from peers import BEHIND, BEHIND6, OWN_INNER, OWN_INNER6

BOTH = ("cbc", "gcm")
CE = 3


@behaviour("padding that is not 1, 2, 3", *BOTH)
def bad_padding(trial):
    inner = trial.peer.inner_packet(size=68)
    # 88 octets and 6 more of padding make whole blocks with the trailer.
    for padding in (bytes(6), b"\1\2\3\4\5\7", b"\2\2\3\4\5\6", os.urandom(5) + b"\0"):
        bad(trial, "BadPadding", inner + padding + bytes([6, 4]))


@behaviour("a pad length beyond the packet", *BOTH)
def long_padding(trial):
    inner = trial.peer.inner_packet(size=74)
    for size in (95, 96, 200, 255):
        bad(trial, "BadPadding", inner + bytes([size, 4]))


@behaviour("nothing but padding", *BOTH)
def only_padding(trial):
    bad(trial, "MalformedInner", ascending(14) + bytes([14, 4]))


@behaviour("padding of 255 octets", *BOTH)
def longest_padding(trial):
    inner = trial.peer.inner_packet(size=11)
    trial.is_delivered(inner)
    trial.send(trial.peer.outbound.seal(trial.peer.next_number(), inner + ascending(255) + bytes([255, 4])))


@behaviour("ciphertext that is no whole number of blocks", *BOTH)
def broken_blocks(trial):
    packet = trial.peer.packet(number=trial.peer.top + 1)
    for extra in range(1, trial.peer.outbound.suite.alignment):
        trial.drops("Misaligned", packet[:40] + bytes(extra) + packet[40:])


@behaviour("dummies (next header 59)", *BOTH)
def dummies(trial):
    for size in (0, 1, 20, 1000):
        bad_inner(trial, "Dummy", os.urandom(size), next_header=59)


@behaviour("every next header but 4, 41 and 59", *BOTH)
def next_headers(trial):
    for next_header in set(range(256)) - {4, 41, 59}:
        bad_inner(trial, "UnexpectedNextHeader", trial.peer.inner_packet(), next_header=next_header)


@behaviour("IPv4 announced as IPv6, and the other way round", *BOTH)
def wrong_announcement(trial):
    bad_inner(trial, "MalformedInner", trial.peer.inner_packet(), next_header=41)
    bad_inner(trial, "MalformedInner", inner6(trial), next_header=4)


@behaviour("every inner IP version but its own", *BOTH)
def versions(trial):
    for version in set(range(16)) - {4}:
        packet = bytearray(trial.peer.inner_packet())
        packet[0] = version << 4 | 5
        bad_inner(trial, "MalformedInner", bytes(packet), next_header=4)
    for version in set(range(16)) - {6}:
        packet = bytearray(inner6(trial))
        packet[0] = version << 4
        bad_inner(trial, "MalformedInner", bytes(packet), next_header=41)


@behaviour("an inner IPv4 header of every wrong length", *BOTH)
def header_lengths(trial):
    for words in set(range(16)) - {5}:
        # What becomes an option was no part of the checksum.
        bad_inner(trial, "MalformedInner", packets.ipv4(trial.peer.inner, BEHIND, bytes([1] * 20), first=0x40 | words))


@behaviour("an inner IPv4 length below its header or beyond the packet", *BOTH)
def total_lengths(trial):
    for length in (*range(20), 85, 86, 1500, 65535):
        bad_inner(trial, "MalformedInner", packets.ipv4(trial.peer.inner, BEHIND, bytes(64), total_length=length))


@behaviour("every bit of the inner IPv4 checksum flipped", *BOTH)
def header_checksums(trial):
    for bit in range(16):
        packet = bytearray(trial.peer.inner_packet())
        packet[10 + bit // 8] ^= 1 << bit % 8
        bad_inner(trial, "MalformedInner", bytes(packet))


@behaviour("an inner IPv6 length beyond the packet", *BOTH)
def payload_lengths(trial):
    for length in (65, 66, 1500, 65535):
        bad_inner(trial, "MalformedInner", inner6(trial, payload_length=length))


@behaviour("an inner packet cut within its header", *BOTH)
def cut_headers(trial):
    for length in range(20):
        bad_inner(trial, "MalformedInner", trial.peer.inner_packet()[:length], next_header=4)
    for length in range(40):
        bad_inner(trial, "MalformedInner", inner6(trial)[:length], next_header=41)


@behaviour("an inner source outside the selectors", *BOTH)
def sources(trial):
    for source in ("10.80.99.1", "192.0.2.1", "198.51.100.1", "8.8.8.8", trial.lab.peers["six"].inner):
        bad_inner(trial, "SelectorMismatch", packets.ipv4(source, BEHIND, bytes(64)))
    for source in ("fd99::1", "2001:db8::1", "fe80::1", trial.lab.peers["six"].inner6):
        bad_inner(trial, "SelectorMismatch", packets.ipv6(source, BEHIND6, bytes(64)))


@behaviour("an inner destination outside the selectors", *BOTH)
def destinations(trial):
    for destination in ("10.79.0.1", "192.0.2.1", "255.255.255.254", "224.0.0.1", "8.8.8.8", trial.lab.peers["six"].inner):
        # 240.0.0.0/4 is no network's: that rule comes first.
        reason = "Martian" if destination.startswith("255") else "SelectorMismatch"
        bad_inner(trial, reason, packets.ipv4(trial.peer.inner, destination, bytes(64)))
    for destination in ("fd99::1", "ff02::1", "fe80::1", trial.lab.peers["six"].inner6):
        bad_inner(trial, "SelectorMismatch", packets.ipv6(trial.peer.inner6, destination, bytes(64)))


@behaviour("our own address as the inner source", *BOTH)
def own_source(trial):
    bad_inner(trial, "OwnSource", packets.ipv4(OWN_INNER, BEHIND, bytes(64)))
    bad_inner(trial, "OwnSource", packets.ipv4(OWN_INNER, OWN_INNER, bytes(64)))
    bad_inner(trial, "OwnSource", packets.ipv6(OWN_INNER6, BEHIND6, bytes(64)))


@behaviour("inner sources that no network carries", *BOTH)
def martian_sources(trial):
    for source in ("0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.255", "224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255"):
        bad_inner(trial, "Martian", packets.ipv4(source, BEHIND, bytes(64)))
    for source in ("::", "::1", "::10.0.0.1", "::ffff:10.0.0.1", "ff02::1", "ff0e::1"):
        bad_inner(trial, "Martian", packets.ipv6(source, BEHIND6, bytes(64)))


@behaviour("inner destinations that no network carries", *BOTH)
def martian_destinations(trial):
    for destination in ("0.0.0.0", "127.0.0.1", "127.1.2.3", "240.0.0.1", "255.255.255.255"):
        bad_inner(trial, "Martian", packets.ipv4(trial.peer.inner, destination, bytes(64)))
    for destination in ("::", "::1", "::10.0.0.1", "::ffff:10.77.0.1"):
        bad_inner(trial, "Martian", packets.ipv6(trial.peer.inner6, destination, bytes(64)))


@behaviour("all 16 combinations of inner and outer congestion marks, IPv4", *BOTH)
def congestion(trial):
    marks(trial, lambda ecn: trial.peer.inner_packet(tos=0xB8 | ecn))


@behaviour("all 16 combinations of inner and outer congestion marks, IPv6", "cbc", "six")
def congestion6(trial):
    marks(trial, lambda ecn: inner6(trial, traffic_class=0xB8 | ecn))


def marks(trial, make):
    """RFC 6040, 4.2: the outer mark CE reaches an inner packet that can carry it, ECT(1) one with ECT(0)."""
    for inner_ecn in range(4):
        for outer_ecn in range(4):
            peer, inner = trial.peer, make(inner_ecn)
            packet = peer.outbound.seal_inner(peer.next_number(), inner)
            if inner_ecn == 0 and outer_ecn == CE:
                trial.drops("EcnNotCapable", packet, tos=outer_ecn)
                continue
            changes = inner_ecn != 0 and (outer_ecn == CE or (inner_ecn, outer_ecn) == (2, 1))
            trial.is_delivered(with_ecn(inner, outer_ecn) if changes else inner)
            trial.send(packet, tos=outer_ecn)


def with_ecn(packet, ecn):
    if packet[0] >> 4 == 6:
        return packet[:1] + bytes([packet[1] & 0xCF | ecn << 4]) + packet[2:]
    return packets.with_header_checksum(packet[:1] + bytes([packet[1] & 0xFC | ecn]) + packet[2:20]) + packet[20:]


@behaviour("octets behind the inner packet (TFC padding)", *BOTH)
def trailing(trial):
    for extra in (1, 2, 16, 100, 1000):
        for inner in (trial.peer.inner_packet(), inner6(trial)):
            trial.is_delivered(inner)
            trial.send(trial.peer.outbound.seal_inner(trial.peer.next_number(), inner + os.urandom(extra)))


@behaviour("inner fragments: first, middle, last, tiny, overlapping", *BOTH)
def inner_fragments(trial):
    for fragment, size in ((0x2000, 64), (0x2000 | 8, 64), (16, 64), (0x2000, 8), (0x2000 | 7, 64), (0x1FFF, 64)):
        trial.passes(inner=trial.peer.inner_packet(size=size, fragment=fragment, identification=7))


@behaviour("inner IPv6 extension headers and fragments", *BOTH)
def extension_headers(trial):
    hop_by_hop = bytes([packets.EXPERIMENTAL, 0, 1, 4, 0, 0, 0, 0])
    fragment = bytes([packets.EXPERIMENTAL, 0, 0, 1, 0, 0, 0, 7])
    for next_header, header in ((0, hop_by_hop), (44, fragment), (60, hop_by_hop), (59, b"")):
        trial.passes(inner=inner6(trial, payload=header + os.urandom(64), next_header=next_header))


@behaviour("inner packets longer than the device's MTU, up to the longest", *BOTH)
def long_inner(trial):
    for size in (1381, 3000, 20_000, 65_000):
        trial.passes(inner=trial.peer.inner_packet(size=size))


@behaviour("a forged answer to a probe: right addresses, made-up bits", *BOTH)
def made_up_answer(trial):
    for identifier in (0, 1, 0xFFFF):
        trial.passes(inner=packets.echo(trial.peer.inner, OWN_INNER, identifier, os.urandom(16), is_reply=True))


def bad(trial, reason, plaintext):
    trial.drops(reason, trial.peer.outbound.seal(trial.peer.top + 1, plaintext))


def bad_inner(trial, reason, inner, next_header=None):
    """All of them under one number, which stays free."""
    trial.drops(reason, trial.peer.outbound.seal_inner(trial.peer.top + 1, inner, next_header))


def inner6(trial, payload=None, **fields):
    return packets.ipv6(trial.peer.inner6, BEHIND6, os.urandom(64) if payload is None else payload, **fields)
