"""first_packet.py ADDRESS SECONDS: pings every 5 ms, unreachable or not, and prints the time (CLOCK_MONOTONIC) of the first answer."""

import os
import socket
import struct
import sys
import time

IDENTIFIER = os.getpid() & 0xFFFF
ECHO_REPLY = 0


def checksum(packet):
    total = sum(struct.unpack(f"!{len(packet) // 2}H", packet))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def echo_request():
    packet = struct.pack("!BBHHH", 8, 0, 0, IDENTIFIER, 1)
    return packet[:2] + struct.pack("!H", checksum(packet)) + packet[4:]


def main(address, seconds):
    deadline = time.monotonic() + float(seconds)
    request = echo_request()
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as icmp:
        icmp.settimeout(0.005)
        print("ready", flush=True)
        while time.monotonic() < deadline:
            try:
                icmp.sendto(request, (address, 0))
                packet, source = icmp.recvfrom(2048)
            except TimeoutError:
                continue
            except OSError:
                time.sleep(0.005)
                continue
            header = (packet[0] & 15) * 4
            if source[0] == address and packet[header] == ECHO_REPLY and packet[header + 4:header + 6] == struct.pack("!H", IDENTIFIER):
                print(time.monotonic(), flush=True)
                return 0
    return 1


sys.exit(main(*sys.argv[1:]))
