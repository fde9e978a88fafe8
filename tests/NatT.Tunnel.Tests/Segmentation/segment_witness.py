"""Cuts super-packets with scapy. A line in: IP version, segment size, the packet in hex. A line out: its segments in hex."""
import sys

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6


def cut(version, size, octets):
    whole = (IP if version == "4" else IPv6)(octets)
    transport = TCP if TCP in whole else UDP
    payload = bytes(whole[transport].payload)
    pieces = [payload[i : i + size] for i in range(0, len(payload), size)]
    for i, piece in enumerate(pieces):
        segment = whole.copy()
        segment[transport].remove_payload()
        segment = segment / piece
        if version == "4":
            segment.id = (whole.id + i) % 2**16
            del segment.len, segment.chksum
        else:
            del segment.plen
        del segment[transport].chksum
        if transport is TCP:
            segment[TCP].seq = (whole[TCP].seq + i * size) % 2**32
            flags = set(str(whole[TCP].flags))
            flags -= {"C"} if i > 0 else set()
            flags -= {"F", "P"} if i + 1 < len(pieces) else set()
            segment[TCP].flags = "".join(flags)
        else:
            del segment[UDP].len
        yield bytes(segment).hex()


for line in sys.stdin:
    ip_version, segment_size, packet = line.split()
    print(*cut(ip_version, int(segment_size), bytes.fromhex(packet)))
