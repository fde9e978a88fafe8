"""echo.py SOURCE DESTINATION SIZE...: pings with payloads of these sizes (FIRST-LAST: each of them), one after the other.

Unlike ping it waits long for the last answer too, and wants back what it sent. Ends with status 1 where one is missing.
"""
import os
import select
import socket
import struct
import sys
import time

LIMIT = 30
ICMP_ECHO = {socket.AF_INET: (8, 0), socket.AF_INET6: (128, 129)}


def checksum(octets):
    words = struct.unpack(f"!{(len(octets) + 1) // 2}H", octets + b"\0" * (len(octets) % 2))
    total = sum(words)
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def echo(opened, family, destination, number, size):
    """Whether the answer came."""
    request, reply = ICMP_ECHO[family]
    payload = os.urandom(size)
    identifier = os.getpid() & 0xffff
    packet = struct.pack("!BBHHH", request, 0, 0, identifier, number) + payload
    if family == socket.AF_INET:
        packet = packet[:2] + struct.pack("!H", checksum(packet)) + packet[4:]
    opened.sendto(packet, (destination, 0))
    wanted = struct.pack("!HH", identifier, number) + payload
    end = time.monotonic() + LIMIT
    while select.select([opened], [], [], max(0, end - time.monotonic()))[0]:
        answer, (source, *_) = opened.recvfrom(65536)
        if family == socket.AF_INET:
            answer = answer[4 * (answer[0] & 15):]
        if source == destination and answer[0] == reply and answer[4:] == wanted:
            return True
    return False


def main():
    source, destination = sys.argv[1:3]
    sizes = []
    for word in sys.argv[3:]:
        first, _, last = word.partition("-")
        sizes += range(int(first), int(last or first) + 1)
    family = socket.AF_INET6 if ":" in destination else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_ICMPV6 if family == socket.AF_INET6 else socket.IPPROTO_ICMP)
    opened.bind((source, 0))
    for number, size in enumerate(sizes):
        if not echo(opened, family, destination, number & 0xffff, size):
            sys.exit(f"no answer to {size} octets within {LIMIT} s, after {number} answers")
    print(f"{len(sizes)} answers")


main()
