"""headers.py send DEVICE SOURCE DESTINATION | headers.py receive SOURCE ADDRESS FILE: what becomes of headers in a tunnel.

Inner packets with every traffic class, those of IPv4 with and without DF. The sender prints a JSON object: of each inner packet, by its
number, what its outer header was on DEVICE: traffic class, DF, TTL, whether there is a UDP checksum, whether there is an ID. The
receiver writes one to FILE: of each inner packet that came, by its number, its traffic class and DF. IPv6 has neither DF nor ID.
"""
import json
import os
import select
import socket
import struct
import sys
import time

LIMIT = 60
PROTOCOL = 253  # for experiments, RFC 3692
LENGTH = 333  # of a payload that nothing else in the tunnel has
DF = 0x4000
SO_RCVBUFFORCE = 33
ROOM = 16 << 20  # for all packets at once: a receiver that has to wait for the CPU loses none
ETH_P_ALL, ETH_P_IP, ETH_P_IPV6, PACKET_OUTGOING = 3, 0x0800, 0x86dd, 4
IPV6_RECVTCLASS, IPV6_TCLASS = 66, 67


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def last(family):
    """The number of the packet after all others; it can carry a congestion mark."""
    return 512 if family == socket.AF_INET else 256


def inner(family, source, destination, number):
    traffic_class, flags = (number & 255, DF if number & 256 else 0) if number < last(family) else (2, 0)
    addresses = socket.inet_pton(family, source) + socket.inet_pton(family, destination)
    if family == socket.AF_INET:
        header = struct.pack("!BBHHHBBH", 0x45, traffic_class, 20 + LENGTH, 0, flags, 64, PROTOCOL, 0)
    else:
        header = struct.pack("!IHBB", 6 << 28 | traffic_class << 20, LENGTH, PROTOCOL, 64)
    return header + addresses + struct.pack("!I", number).ljust(LENGTH, b".")


def outer_header(sniffer):
    """Of the next frame that carries such a packet out, or None."""
    end = time.monotonic() + LIMIT
    while select.select([sniffer], [], [], max(0, end - time.monotonic()))[0]:
        frame, (_, protocol, direction, *_) = sniffer.recvfrom(65536)
        # The outer headers, the SPI, IV and what else ESP adds are no more than this.
        if direction == PACKET_OUTGOING and LENGTH + 60 <= len(frame) < LENGTH + 180:
            if protocol == ETH_P_IP and frame[9] == socket.IPPROTO_UDP:
                identification, flags = struct.unpack_from("!HH", frame, 4)
                return frame[1], bool(flags & DF), frame[8], frame[26:28] != b"\0\0", identification != 0
            if protocol == ETH_P_IPV6 and frame[6] == socket.IPPROTO_UDP:
                return (frame[0] & 15) << 4 | frame[1] >> 4, False, frame[7], frame[46:48] != b"\0\0", False
    return None


def send(device, source, destination):
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
    sniffer.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, ROOM)
    sniffer.bind((device, ETH_P_ALL))
    family = family_of(source)
    sender = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
    # The kernel's policies go by the address of the socket, not by that in the packet.
    sender.bind((source, 0))
    seen = {}
    for number in range(last(family) + 1):
        sender.sendto(inner(family, source, destination, number), (destination, 0))
        seen[number] = outer_header(sniffer)
        if seen[number] is None:
            sys.exit(f"packet {number} did not leave within {LIMIT} s")
    print(json.dumps(seen))


def traffic_class_of(ancillary):
    return next(struct.unpack("i", value)[0] for level, kind, value in ancillary if (level, kind) == (socket.IPPROTO_IPV6, IPV6_TCLASS))


def receive(source, address, file):
    family = family_of(source)
    receiver = socket.socket(family, socket.SOCK_RAW, PROTOCOL)
    if family == socket.AF_INET6:
        receiver.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVTCLASS, 1)
    receiver.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, ROOM)
    receiver.bind((address, 0))
    print("listening", flush=True)
    came = {}
    while select.select([receiver], [], [], LIMIT)[0]:
        packet, ancillary, _, (sender, *_) = receiver.recvmsg(65536, 64)
        if sender != source:
            continue
        if family == socket.AF_INET:
            number, header = struct.unpack_from("!I", packet, 20)[0], (packet[1], bool(struct.unpack_from("!H", packet, 6)[0] & DF))
        else:
            number, header = struct.unpack_from("!I", packet)[0], (traffic_class_of(ancillary), False)
        came[number] = header
        if number == last(family):
            break
    with open(file + ".part", "w", encoding="ascii") as result:
        json.dump(came, result)
    os.rename(file + ".part", file)


if __name__ == "__main__":
    {"send": send, "receive": receive}[sys.argv[1]](*sys.argv[2:])
