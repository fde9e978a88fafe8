"""Datagrams that are no ESP packet of anyone: garbage, IKE, keepalives, and what the kernel keeps from natt-tun."""
import os
import struct

import packets
from behaviours import behaviour
from peers import NATT_TUN, PORT
from trial import random_words

LONGEST = 65507
LONG_LENGTHS = (*range(2000, LONGEST, 2999), 16383, 16384, 32767, 32768, LONGEST - 1, LONGEST)


@behaviour("garbage of 0 to 1999 octets", "cbc")
def garbage(trial):
    for length in range(2000):
        trial.drops("TooShort" if length < 8 else "UnknownSpi", random_words(length))


@behaviour("garbage of 2000 to 65507 octets", "cbc")
def long_garbage(trial):
    for length in LONG_LENGTHS:
        trial.drops("UnknownSpi", random_words(length))


@behaviour("0 to 1999 octets of garbage behind a right SPI", "cbc", "gcm")
def garbage_behind_spi(trial):
    for length in range(2000):
        behind_spi(trial, length)


@behaviour("2000 to 65503 octets of garbage behind a right SPI", "cbc", "gcm")
def long_garbage_behind_spi(trial):
    for length in LONG_LENGTHS:
        behind_spi(trial, min(length, LONGEST - 4))


def behind_spi(trial, length):
    octets = struct.pack("!I", trial.peer.outbound.spi) + os.urandom(length)
    trial.drops(trial.peer.outbound.fate_of_forged(len(octets)), octets)


@behaviour("SPIs that nobody has", "cbc")
def unknown_spi(trial):
    for spi in (256, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, trial.peer.outbound.spi + 1, trial.peer.inbound.spi):
        trial.drops("UnknownSpi", struct.pack("!II", spi, 1) + os.urandom(100))


@behaviour("every reserved SPI", "cbc")
def reserved_spi(trial):
    for spi in range(1, 256):
        trial.drops("ReservedSpi", struct.pack("!II", spi, 1) + os.urandom(100))


@behaviour("SPI 0", "cbc")
def zero_spi(trial):
    trial.drops("Ike", struct.pack("!II", 0, trial.peer.top + 1) + os.urandom(100))


@behaviour("zeros of 1 to 100 octets", "cbc")
def zeros(trial):
    for length in range(1, 101):
        trial.drops("TooShort" if length < 16 else "ReservedSpi", bytes(length))


@behaviour("IKE behind its marker", "cbc")
def ike(trial):
    # IKE_SA_INIT: two SPIs, next payload, version 2.0, exchange, flags, message id and length.
    header = os.urandom(8) + bytes(8) + struct.pack("!BBBBII", 33, 0x20, 34, 0x08, 0, 28 + 100)
    trial.drops("Ike", bytes(4) + header + os.urandom(100))


@behaviour("a packet behind a marker that is not all zeros", "cbc")
def half_marker(trial):
    packet = trial.peer.packet(number=trial.peer.top + 1)
    for place in range(4, 8):
        marker = bytearray(8)
        marker[place] = 1
        trial.drops("Ike", bytes(marker) + packet)


@behaviour("a NAT keepalive, a hundred times and from everywhere", "cbc")
def keepalive(trial):
    for host in range(100):
        trial.send(b"\xff", (f"198.18.1.{host}", 4500))
        trial.send(b"\xff")


@behaviour("one octet that is no keepalive, each of them", "cbc")
def one_octet(trial):
    for octet in range(255):
        trial.drops("TooShort", bytes([octet]))


@behaviour("an authentic packet in the other framing", "cbc", "marker")
def other_framing(trial):
    inner = trial.peer.inner_packet()
    trial.is_delivered(inner)
    packet = trial.peer.outbound.seal_inner(trial.peer.next_number(), inner)
    trial.send(packet if trial.peer.marker else bytes(8) + packet)


@behaviour("a forged packet in the other framing", "cbc", "marker")
def forged_other_framing(trial):
    packet = trial.peer.packet(number=trial.peer.top + 1)[:-1] + b"!"
    trial.drops("IcvMismatch", packet if trial.peer.marker else bytes(8) + packet)


@behaviour("an authentic packet over IPv6, then every bit of its ICV flipped", "six")
def over_ipv6(trial):
    packet = trial.passes()
    trial.drops_stale("Replayed", packet)
    packet = trial.peer.packet(number=trial.peer.top + 1)
    for bit in range(128):
        forged = bytearray(packet)
        forged[-1 - bit // 8] ^= 1 << bit % 8
        trial.drops("IcvMismatch", bytes(forged))


@behaviour("an authentic packet in three IP fragments, the last one first", "cbc", "gcm")
def outer_fragments(trial):
    inner = trial.peer.inner_packet(size=400)
    trial.is_delivered(inner)
    for fragment in reversed(fragments(trial, trial.peer.outbound.seal_inner(trial.peer.next_number(), inner), 0x1111)):
        trial.send_outer(fragment)


@behaviour("IP fragments of which one never comes, or that overlap", "cbc")
def broken_fragments(trial):
    packet = trial.peer.packet(number=trial.peer.top + 1, size=400)
    first, second, last = fragments(trial, packet, 0x2222)
    trial.send_outer(first)
    trial.send_outer(last)
    first, second, last = fragments(trial, packet, 0x3333)
    overlapping = bytearray(second)
    overlapping[7] -= 2
    for fragment in (first, packets.with_header_checksum(bytes(overlapping[:20])) + bytes(overlapping[20:]), last):
        trial.send_outer(fragment)


@behaviour("a UDP length beyond the datagram", "cbc")
def long_udp(trial):
    octets = bytearray(packets.udp(trial.peer.outer, (NATT_TUN, PORT), trial.peer.packet(number=trial.peer.top + 1)))
    octets[4:6] = b"\xff\xff"
    trial.send_outer(packets.ipv4(trial.peer.outer[0], NATT_TUN, bytes(octets), packets.UDP))


@behaviour("a UDP length that cuts an authentic packet short", "cbc")
def short_udp(trial):
    packet = trial.peer.packet(number=trial.peer.top + 1)
    octets = bytearray(packets.udp(trial.peer.outer, (NATT_TUN, PORT), packet))
    octets[4:6] = struct.pack("!H", len(octets) - 16)
    trial.counted["IcvMismatch"] += 1
    trial.send_outer(packets.ipv4(trial.peer.outer[0], NATT_TUN, bytes(octets), packets.UDP))


def fragments(trial, packet, identification):
    octets = packets.udp(trial.peer.outer, (NATT_TUN, PORT), packet)
    cuts = [octets[:160], octets[160:320], octets[320:]]
    return [
        packets.ipv4(
            trial.peer.outer[0], NATT_TUN, cut, packets.UDP, identification=identification,
            fragment=20 * index | (0x2000 if index < 2 else 0))
        for index, cut in enumerate(cuts)]
