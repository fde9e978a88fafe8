"""IP, UDP and ICMP octet by octet: headers may lie wherever a caller wants them to."""
import ipaddress
import struct

ICMP, UDP, ICMPV6, EXPERIMENTAL = 1, 17, 58, 253


def checksum(octets):
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def address(text):
    return ipaddress.ip_address(text).packed


def ipv4(source, destination, payload, protocol=EXPERIMENTAL, tos=0, fragment=0, identification=0, total_length=None, first=0x45):
    header = struct.pack(
        "!BBHHHBBH4s4s", first, tos, 20 + len(payload) if total_length is None else total_length,
        identification, fragment, 64, protocol, 0, address(source), address(destination))
    return with_header_checksum(header) + payload


def with_header_checksum(header):
    header = header[:10] + bytes(2) + header[12:]
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:]


def ipv6(source, destination, payload, next_header=EXPERIMENTAL, traffic_class=0, payload_length=None):
    return struct.pack(
        "!IHBB16s16s", 6 << 28 | traffic_class << 20, len(payload) if payload_length is None else payload_length,
        next_header, 64, address(source), address(destination)) + payload


def ip(source, destination, payload, **fields):
    return (ipv6 if ":" in source else ipv4)(source, destination, payload, **fields)


def udp(source, destination, payload, is_damaged=False):
    """Both ends are (address, port). Over IPv4 without checksum, which is valid, unless it shall be wrong."""
    header = struct.pack("!HHHH", source[1], destination[1], 8 + len(payload), 0)
    if ":" not in source[0] and not is_damaged:
        return header + payload
    pseudo = address(source[0]) + address(destination[0]) + struct.pack("!IBBH" if ":" in source[0] else "!BBH", *(
        (8 + len(payload), 0, 0, UDP) if ":" in source[0] else (0, UDP, 8 + len(payload))))
    total = checksum(pseudo + header + payload) or 0xFFFF
    return header[:6] + struct.pack("!H", total ^ 0x5555 if is_damaged else total) + payload


def datagram(source, destination, payload, tos=0, is_damaged=False):
    """A whole outer packet."""
    octets = udp(source, destination, payload, is_damaged)
    if ":" in source[0]:
        return ipv6(source[0], destination[0], octets, UDP, tos)
    return ipv4(source[0], destination[0], octets, UDP, tos)


def read_datagram(packet):
    """(source, destination, payload), or None where it is no UDP datagram in one piece."""
    if packet[0] >> 4 == 6:
        start, protocol = 40, packet[6]
        addresses = packet[8:24], packet[24:40]
    else:
        start, protocol = (packet[0] & 15) * 4, packet[9]
        addresses = packet[12:16], packet[16:20]
        packet = packet[:struct.unpack("!H", packet[2:4])[0]]
    if protocol != UDP:
        return None
    source_port, destination_port = struct.unpack("!HH", packet[start:start + 4])
    source, destination = (str(ipaddress.ip_address(octets)) for octets in addresses)
    return (source, source_port), (destination, destination_port), packet[start + 8:]


def icmp(kind, code, rest):
    """An ICMP message; what stands behind its checksum is the caller's."""
    total = checksum(struct.pack("!BBH", kind, code, 0) + rest)
    return struct.pack("!BBH", kind, code, total) + rest


def echo(source, destination, identifier, payload, is_reply=False):
    return ipv4(source, destination, icmp(0 if is_reply else 8, 0, struct.pack("!HH", identifier, 1) + payload), ICMP)


def read_echo(packet):
    """(is_reply, source, destination, identifier, payload), or None."""
    if len(packet) < 28 or packet[0] != 0x45 or packet[9] != ICMP or packet[20] not in (0, 8):
        return None
    return (
        packet[20] == 0, str(ipaddress.ip_address(packet[12:16])), str(ipaddress.ip_address(packet[16:20])),
        struct.unpack("!H", packet[24:26])[0], packet[28:])
