"""ESP by hand, after RFC 4303, 3602, 4868, 4106 and 7634: whatever the keys allow can be sealed, also what no sender may send."""
import hmac
import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

HEADER_SIZE = 8
ICV_SIZE = 16


class CbcHmacSha256:
    name = "aes-cbc-hmac-sha256"
    iv_size, alignment = 16, 16

    def __init__(self, encryption_key, authentication_key):
        self.encryption_key = encryption_key
        self.authentication_key = authentication_key

    def seal(self, header, high, plaintext):
        iv = os.urandom(self.iv_size)
        encryptor = Cipher(algorithms.AES(self.encryption_key), modes.CBC(iv)).encryptor()
        packet = header + iv + encryptor.update(plaintext)
        return packet + self.digest(packet, high)[:ICV_SIZE]

    def open(self, packet, high):
        sealed, icv = packet[:-ICV_SIZE], packet[-ICV_SIZE:]
        if self.digest(sealed, high)[:ICV_SIZE] != icv:
            return None
        start = HEADER_SIZE + self.iv_size
        decryptor = Cipher(algorithms.AES(self.encryption_key), modes.CBC(sealed[HEADER_SIZE:start])).decryptor()
        return decryptor.update(sealed[start:])

    def digest(self, packet, high):
        return hmac.digest(self.authentication_key, packet + high, "sha256")


class Aead:
    iv_size, alignment = 8, 4

    def __init__(self, encryption_key, _):
        self.cipher = self.algorithm(encryption_key[:-4])
        self.salt = encryption_key[-4:]

    def seal(self, header, high, plaintext):
        iv = os.urandom(self.iv_size)
        return header + iv + self.cipher.encrypt(self.salt + iv, plaintext, self.associated(header, high))

    def open(self, packet, high):
        header, iv, sealed = packet[:HEADER_SIZE], packet[HEADER_SIZE:HEADER_SIZE + self.iv_size], packet[HEADER_SIZE + self.iv_size:]
        try:
            return self.cipher.decrypt(self.salt + iv, sealed, self.associated(header, high))
        except InvalidTag:
            return None

    @staticmethod
    def associated(header, high):
        return header[:4] + high + header[4:]


class Gcm16(Aead):
    name = "aes-gcm-16"
    algorithm = AESGCM


class ChaCha20(Aead):
    name = "chacha20-poly1305"
    algorithm = ChaCha20Poly1305


SUITES = {suite.name: suite for suite in (CbcHmacSha256, Gcm16, ChaCha20)}


class Association:
    """A simplex SA as either end has it."""

    def __init__(self, suite, spi, encryption_key, authentication_key, is_extended):
        self.suite = SUITES[suite](encryption_key, authentication_key)
        self.spi = spi
        self.is_extended = is_extended

    @property
    def overhead(self):
        return HEADER_SIZE + self.suite.iv_size + ICV_SIZE

    def seal(self, number, plaintext):
        """Any plaintext, under a valid ICV."""
        return self.suite.seal(struct.pack("!II", self.spi, number & 0xFFFFFFFF), self.high(number), plaintext)

    def seal_inner(self, number, inner, next_header=None):
        """An inner packet, as a sender seals it."""
        if next_header is None:
            next_header = 41 if inner[0] >> 4 == 6 else 4
        padding = ascending(-(len(inner) + 2) % self.suite.alignment)
        return self.seal(number, inner + padding + bytes([len(padding), next_header]))

    def open_inner(self, packet, high=0):
        """The inner packet, or None where the packet is not authentic."""
        plaintext = self.suite.open(packet, self.high(high << 32))
        return None if plaintext is None else plaintext[:len(plaintext) - 2 - plaintext[-2]]

    def high(self, number):
        return struct.pack("!I", number >> 32) if self.is_extended else b""

    def fate_of_forged(self, length):
        """The counter of a packet of so many octets, SPI to ICV, whose ICV is wrong."""
        ciphertext = length - self.overhead
        shortest = -(-2 // self.suite.alignment) * self.suite.alignment
        if length < HEADER_SIZE or ciphertext < shortest:
            return "TooShort"
        return "Misaligned" if ciphertext % self.suite.alignment else "IcvMismatch"


def ascending(size):
    return bytes(range(1, size + 1))
