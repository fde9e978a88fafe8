"""echo.py SOURCE DESTINATION SIZE... | echo.py FILE: pings with payloads of these sizes (FIRST-LAST: each of them), one after the other.

Unlike ping it waits long for the last answer too, and wants back what it sent. Ends with status 1 where one is missing.
FILE has such words a line: some lines at a time are done at once, and a JSON list says of each what was wrong, or null.
"""
import concurrent.futures
import json
import os
import select
import socket
import struct
import sys
import time

LIMIT = 30
AT_ONCE = 16
ICMP_ECHO = {socket.AF_INET: (8, 0), socket.AF_INET6: (128, 129)}


def checksum(octets):
    words = struct.unpack(f"!{(len(octets) + 1) // 2}H", octets + b"\0" * (len(octets) % 2))
    total = sum(words)
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def echo(opened, family, number, size):
    """Whether the answer came."""
    request, reply = ICMP_ECHO[family]
    payload = os.urandom(size)
    identifier = os.getpid() & 0xffff
    packet = struct.pack("!BBHHH", request, 0, 0, identifier, number) + payload
    if family == socket.AF_INET:
        packet = packet[:2] + struct.pack("!H", checksum(packet)) + packet[4:]
    opened.send(packet)
    wanted = struct.pack("!HH", identifier, number) + payload
    end = time.monotonic() + LIMIT
    while select.select([opened], [], [], max(0, end - time.monotonic()))[0]:
        answer = opened.recv(65536)
        if family == socket.AF_INET:
            answer = answer[4 * (answer[0] & 15):]
        if answer[0] == reply and answer[4:] == wanted:
            return True
    return False


def echoes(source, destination, *words):
    """What was wrong, or None."""
    sizes = []
    for word in words:
        first, _, last = word.partition("-")
        sizes += range(int(first), int(last or first) + 1)
    family = socket.AF_INET6 if ":" in destination else socket.AF_INET
    protocol = socket.IPPROTO_ICMPV6 if family == socket.AF_INET6 else socket.IPPROTO_ICMP
    try:
        with socket.socket(family, socket.SOCK_RAW, protocol) as opened:
            opened.bind((source, 0))
            opened.connect((destination, 0))
            for number, size in enumerate(sizes):
                if not echo(opened, family, number & 0xffff, size):
                    return f"no answer from {destination} to {size} octets within {LIMIT} s, after {number} answers"
    except OSError as problem:
        return f"{source} to {destination}: {problem}"
    return None


def main():
    if len(sys.argv) > 2:
        sys.exit(echoes(*sys.argv[1:]))
    with open(sys.argv[1], encoding="ascii") as lines, concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        print(json.dumps(list(pool.map(lambda line: echoes(*line.split()), lines))))


if __name__ == "__main__":
    main()
