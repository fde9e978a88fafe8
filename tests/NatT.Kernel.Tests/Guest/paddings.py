"""paddings.py CONF ascending|zero NUMBER: an ESP peer of AES-CBC with HMAC-SHA-256-128 that pads packets by 0 to 255 octets.

CONF is as natt-tun would have it. Prints a JSON list of those lengths with which an echo request was answered. The padding is
1, 2, 3, … as RFC 4303 has it, or zeros. Behind each such request goes one in plain padding, whose answer ends the wait.
Sequence numbers start after NUMBER.
"""
import hashlib
import hmac
import json
import os
import select
import socket
import struct
import sys
import time

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from echo import checksum

LIMIT = 60
BLOCK = 16
ICV = 16
IPV4 = 4
ECHO_REPLY, ECHO_REQUEST = 0, 8
BEHIND = 1000  # echo numbers from here on are of requests in plain padding


def minimal(length):
    return -(length + 2) % BLOCK


class Peer:
    def __init__(self, conf, number):
        self.spi = struct.pack("!I", int(conf["spi_out"], 16))
        self.keys = {way: [bytes.fromhex(conf[f"{kind}_{way}"][2:]) for kind in ("enc", "auth")] for way in ("in", "out")}
        self.own, self.far = (socket.inet_aton(conf[key]) for key in ("local_private_ip", "remote_private_ip"))
        self.number = number
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("", int(conf["ori_local_port"])))
        self.socket.connect((conf["remote_public_ip"], int(conf["remote_port"])))

    def send(self, kind, identifier, number, payload, pad=None, is_ascending=True):
        echo = struct.pack("!BBHHH", kind, 0, 0, identifier, number) + payload
        echo = echo[:2] + struct.pack("!H", checksum(echo)) + echo[4:]
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(echo), 0, 0, 64, socket.IPPROTO_ICMP, 0) + self.own + self.far
        header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
        if pad is None:
            pad = minimal(len(header + echo))
        padding = bytes(range(1, pad + 1)) if is_ascending else bytes(pad)
        encryption, authentication = self.keys["out"]
        self.number += 1
        iv = os.urandom(BLOCK)
        encryptor = Cipher(algorithms.AES(encryption), modes.CBC(iv)).encryptor()
        esp = self.spi + struct.pack("!I", self.number) + iv + encryptor.update(header + echo + padding + bytes([pad, IPV4]))
        self.socket.send(esp + hmac.digest(authentication, esp, hashlib.sha256)[:ICV])

    def receive(self, seconds):
        """The number of the next answer, or None; answers what is asked."""
        end = time.monotonic() + seconds
        while select.select([self.socket], [], [], max(0, end - time.monotonic()))[0]:
            try:
                esp = self.socket.recv(65536)
            except ConnectionRefusedError:
                continue
            if len(esp) <= ICV:
                continue
            encryption, authentication = self.keys["in"]
            if not hmac.compare_digest(hmac.digest(authentication, esp[:-ICV], hashlib.sha256)[:ICV], esp[-ICV:]):
                sys.exit("a frame is not authentic")
            decryptor = Cipher(algorithms.AES(encryption), modes.CBC(esp[8:8 + BLOCK])).decryptor()
            inner = decryptor.update(esp[8 + BLOCK:-ICV])
            length, = struct.unpack_from("!H", inner, 2)
            echo = inner[20:length]
            if inner[9] != socket.IPPROTO_ICMP or echo[0] not in (ECHO_REPLY, ECHO_REQUEST):
                continue
            identifier, number = struct.unpack_from("!HH", echo, 4)
            if echo[0] == ECHO_REPLY:
                return number
            self.send(ECHO_REPLY, identifier, number, echo[8:])
        return None

    def is_answered(self, pad, is_ascending):
        self.send(ECHO_REQUEST, 1, pad, bytes((-(28 + pad + 2)) % BLOCK), pad, is_ascending)
        self.send(ECHO_REQUEST, 1, BEHIND + pad, b"")
        answers = set()
        while BEHIND + pad not in answers:
            answer = self.receive(LIMIT)
            if answer is None:
                sys.exit(f"no answer to the request behind that with {pad} octets of padding within {LIMIT} s")
            answers.add(answer)
        return pad in answers

    def wait_until_up(self):
        """natt-tun delivers nothing before its probe was answered."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            self.send(ECHO_REQUEST, 1, BEHIND - 1, b"")
            if self.receive(1) is not None:
                return
        sys.exit(f"nothing was answered within {LIMIT} s")


def main():
    with open(sys.argv[1], encoding="ascii") as lines:
        peer = Peer(dict((part.strip() for part in line.split("=", 1)) for line in lines if "=" in line), int(sys.argv[3]))
    peer.wait_until_up()
    print(json.dumps([pad for pad in range(256) if peer.is_answered(pad, sys.argv[2] == "ascending")]))


main()
