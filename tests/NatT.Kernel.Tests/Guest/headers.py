"""headers.py send DEVICE SOURCE DESTINATION | headers.py receive SOURCE ADDRESS FILE: what becomes of headers in a tunnel.

Inner packets with every traffic class, with and without DF. The sender prints a JSON object: of each inner packet, by its number,
what its outer header was on DEVICE: traffic class, DF, TTL, whether there is a UDP checksum. The receiver writes one to
FILE: of each inner packet that came, by its number, its traffic class and DF.
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
LAST = 512
DF = 0x4000
SO_RCVBUFFORCE = 33
ROOM = 16 << 20  # for all packets at once: a receiver that has to wait for the CPU loses none
ETH_P_ALL, ETH_P_IP, PACKET_OUTGOING = 3, 0x0800, 4


def inner(source, destination, number):
    traffic_class, flags = (number & 255, DF if number & 256 else 0) if number < LAST else (2, 0)
    header = struct.pack("!BBHHHBBH4s4s", 0x45, traffic_class, 20 + LENGTH, 0, flags, 64, PROTOCOL, 0,
                         socket.inet_aton(source), socket.inet_aton(destination))
    return header + struct.pack("!I", number).ljust(LENGTH, b".")


def outer_header(sniffer):
    """Of the next frame that carries such a packet out, or None."""
    end = time.monotonic() + LIMIT
    while select.select([sniffer], [], [], max(0, end - time.monotonic()))[0]:
        frame, (_, protocol, direction, *_) = sniffer.recvfrom(65536)
        if protocol == ETH_P_IP and direction == PACKET_OUTGOING and frame[9] == socket.IPPROTO_UDP:
            length, flags = struct.unpack_from("!H2xH", frame, 2)
            # The outer headers, the SPI, IV and what else ESP adds are no more than this.
            if LENGTH + 60 <= length < LENGTH + 150:
                return frame[1], bool(flags & DF), frame[8], frame[26:28] != b"\0\0"
    return None


def send(device, source, destination):
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
    sniffer.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, ROOM)
    sniffer.bind((device, ETH_P_ALL))
    sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    # The kernel's policies go by the address of the socket, not by that in the packet.
    sender.bind((source, 0))
    seen = {}
    for number in range(LAST + 1):
        sender.sendto(inner(source, destination, number), (destination, 0))
        seen[number] = outer_header(sniffer)
        if seen[number] is None:
            sys.exit(f"packet {number} did not leave within {LIMIT} s")
    print(json.dumps(seen))


def receive(source, address, file):
    receiver = socket.socket(socket.AF_INET, socket.SOCK_RAW, PROTOCOL)
    receiver.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, ROOM)
    receiver.bind((address, 0))
    print("listening", flush=True)
    came = {}
    while select.select([receiver], [], [], LIMIT)[0]:
        packet, (sender, _) = receiver.recvfrom(65536)
        number, = struct.unpack_from("!I", packet, 20)
        if sender == source:
            came[number] = packet[1], bool(struct.unpack_from("!H", packet, 6)[0] & DF)
            if number == LAST:
                break
    with open(file + ".part", "w", encoding="ascii") as result:
        json.dump(came, result)
    os.rename(file + ".part", file)


if __name__ == "__main__":
    {"send": send, "receive": receive}[sys.argv[1]](*sys.argv[2:])
