"""What an attacker has of a network: any frame to send, and every frame that comes back."""
import ctypes
import os
import socket
import struct
import subprocess

ETH_P_IP, ETH_P_IPV6, ETH_P_ALL = 0x0800, 0x86DD, 0x0003
PACKET_OUTGOING = 4
SO_RCVBUFFORCE = 33
CLONE_NEWNET = 0x40000000
BUFFER_SIZE = 64 << 20


class Wire:
    """Packets to and from one router. No address of ours is used, so that our kernel answers nothing and looks for no port."""

    def __init__(self, device, router):
        subprocess.run(["ping", "-c", "1", "-W", "5", router], check=True, stdout=subprocess.DEVNULL)
        self.router = next(
            bytes.fromhex(row.split()[3].replace(":", "")) for row in open("/proc/net/arp", encoding="ascii") if row.startswith(f"{router} "))
        self.device = device
        self.sender = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        self.receivers = [listener(device, protocol) for protocol in (ETH_P_IP, ETH_P_IPV6)]

    def send(self, packet):
        protocol = ETH_P_IPV6 if packet[0] >> 4 == 6 else ETH_P_IP
        self.sender.sendto(packet, (self.device, protocol, 0, 0, self.router))

    def received(self):
        """All packets since the last call."""
        return [packet for receiver in self.receivers for packet in drain(receiver)]


class Delivered:
    """What a device of another network namespace gives to its kernel."""

    def __init__(self, namespace, device):
        self.socket = inside(namespace, lambda: listener(device, ETH_P_ALL))

    def packets(self):
        """All since the last call."""
        return list(drain(self.socket))


def listener(device, protocol):
    receiver = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(protocol))
    receiver.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_SIZE)
    receiver.bind((device, protocol))
    receiver.setblocking(False)
    return receiver


def drain(receiver):
    while True:
        try:
            packet, origin = receiver.recvfrom(65536)
        except BlockingIOError:
            break
        if origin[2] != PACKET_OUTGOING:
            yield packet
    # Statistics: packets seen, packets that found no room. Reading them sets them back.
    lost = struct.unpack("II", receiver.getsockopt(263, 6, 8))[1]
    if lost:
        raise RuntimeError(f"the capture lost {lost} packets")


def inside(namespace, make):
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/self/ns/net", "rb") as own, open(f"/run/netns/{namespace}", "rb") as other:
        enter(libc, other)
        try:
            return make()
        finally:
            enter(libc, own)


def enter(libc, namespace):
    if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
