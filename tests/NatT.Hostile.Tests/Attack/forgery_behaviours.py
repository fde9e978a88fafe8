"""What an attacker without keys makes of recorded packets: flipped bits, cut and lengthened packets, other tunnels' ones."""
import os

from associations import ICV_SIZE
from behaviours import behaviour

SUITES = ("cbc", "gcm", "chacha")
EXTENDED = ("esn-forged", "esn-gcm-forged")


@behaviour("every bit of the SPI flipped", *SUITES)
def flipped_spi(trial):
    flips(trial, 0, 4, "UnknownSpi")


@behaviour("every bit of the sequence number flipped", *SUITES, *EXTENDED)
def flipped_number(trial):
    flips(trial, 4, 8, "IcvMismatch")


@behaviour("every bit of the IV flipped", *SUITES, *EXTENDED)
def flipped_iv(trial):
    flips(trial, 8, 8 + trial.peer.outbound.suite.iv_size, "IcvMismatch")


@behaviour("every bit of the ciphertext flipped", *SUITES)
def flipped_ciphertext(trial):
    flips(trial, 8 + trial.peer.outbound.suite.iv_size, -ICV_SIZE, "IcvMismatch")


@behaviour("every bit of the ICV flipped", *SUITES, *EXTENDED)
def flipped_icv(trial):
    flips(trial, -ICV_SIZE, None, "IcvMismatch")


@behaviour("an ICV of zeros", *SUITES, *EXTENDED)
def zero_icv(trial):
    trial.drops("IcvMismatch", fresh(trial)[:-ICV_SIZE] + bytes(ICV_SIZE))


@behaviour("an ICV cut short by 1 to 16 octets", *SUITES)
def short_icv(trial):
    packet = fresh(trial)
    for cut in range(1, ICV_SIZE + 1):
        forged(trial, packet[:-cut])


@behaviour("an ICV that is 1 to 32 octets too long", *SUITES)
def long_icv(trial):
    packet = fresh(trial)
    for extra in range(1, 33):
        forged(trial, packet + os.urandom(extra))


@behaviour("the whole HMAC in place of its first 128 bits", "cbc")
def whole_hmac(trial):
    packet = fresh(trial)
    forged(trial, packet[:-ICV_SIZE] + trial.peer.outbound.suite.digest(packet[:-ICV_SIZE], b""))


@behaviour("a packet cut at every length", *SUITES)
def truncated(trial):
    packet = fresh(trial)
    for length in range(len(packet)):
        forged(trial, packet[:length])


@behaviour("two packets in one datagram", *SUITES)
def doubled(trial):
    forged(trial, fresh(trial) + fresh(trial))


@behaviour("another tunnel's packet under this SPI", *SUITES)
def of_another_tunnel(trial):
    other = trial.lab.peers["window64" if trial.peer.name == "cbc" else "wrap-gcm"]
    packet = other.packet(number=trial.peer.top + 1)
    forged(trial, trial.peer.packet(number=1)[:4] + packet[4:])


@behaviour("this tunnel's packet under another SPI", *SUITES)
def under_another_spi(trial):
    other = trial.lab.peers["window64" if trial.peer.name == "cbc" else "wrap-gcm"]
    trial.drops(other.outbound.fate_of_forged(len(fresh(trial))), other.packet(number=1)[:4] + fresh(trial)[4:])


@behaviour("ciphertext of one packet behind the header and before the ICV of another", *SUITES)
def mixed(trial):
    one, other = fresh(trial), fresh(trial)
    start = 8 + trial.peer.outbound.suite.iv_size
    trial.drops("IcvMismatch", one[:start] + other[start:-ICV_SIZE] + one[-ICV_SIZE:])


@behaviour("the ICV without the high half of an extended number", *EXTENDED)
def without_high_half(trial):
    association = trial.peer.outbound
    association.is_extended = False
    packet = fresh(trial)
    association.is_extended = True
    trial.drops("IcvMismatch", packet)


def fresh(trial):
    """A packet that would pass as it is, never sent so."""
    return trial.peer.packet(number=trial.peer.top + 1)


def forged(trial, octets):
    trial.drops(trial.peer.outbound.fate_of_forged(len(octets)), octets)


def flips(trial, first, last, reason):
    packet = fresh(trial)
    for place in range(*slice(first, last).indices(len(packet))):
        for bit in range(8):
            forged_packet = bytearray(packet)
            forged_packet[place] ^= 1 << bit
            trial.drops(reason, bytes(forged_packet))
