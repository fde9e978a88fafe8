"""dns.py FILE: answers A and AAAA questions on 127.0.0.1 from the lines "NAME ADDRESS" that FILE has at that moment."""
import ipaddress
import socket
import struct
import sys

TYPES = {4: 1, 6: 28}
NO_SUCH_NAME = 3


def question(packet):
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode())
        at += 1 + packet[at]
    return ".".join(labels), struct.unpack_from(">H", packet, at + 1)[0], packet[12:at + 5]


def answer(packet, zone):
    name, wanted, echo = question(packet)
    addresses = [ipaddress.ip_address(line.split()[1]) for line in zone if line.split()[:1] == [name]]
    records = [address.packed for address in addresses if TYPES[address.version] == wanted]
    flags = 0x8580 | (0 if addresses else NO_SUCH_NAME)
    body = b"".join(struct.pack(">HHHIH", 0xc00c, wanted, 1, 0, len(record)) + record for record in records)
    return packet[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0) + echo + body


server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
print("answering", flush=True)
while True:
    asked, asker = server.recvfrom(512)
    with open(sys.argv[1]) as file:
        server.sendto(answer(asked, file.readlines()), asker)
