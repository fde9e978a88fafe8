"""The far ends of natt-tun's tunnels that we play ourselves, with their keys: each is authentic where it wants to be, and answers probes."""
import os
import time

import packets
from associations import Association

PORT = 1100
NATT_TUN = "198.51.100.1"
NATT_TUN6 = "2001:db8:c::1"
OWN_INNER = "10.77.0.1"
OWN_INNER6 = "fd77::1"

# Behind natt-tun's host, which does not forward: what is delivered there ends there, in silence.
BEHIND = "10.78.0.9"
BEHIND6 = "fd78::9"
PROBE_SIZE = 16


class Peer:
    """A peer named in natt-tun's confs."""

    def __init__(self, index, name, suite="aes-cbc-hmac-sha256", window=64, first=1, esn=False, shared=False, marker=False, outer6=False):
        self.name, self.window, self.first, self.marker, self.is_shared = name, window, first, marker, shared
        self.outer = ("2001:db8:c::2" if outer6 else f"203.0.113.{10 + index}", PORT)
        self.far_outer = (NATT_TUN6 if outer6 else NATT_TUN, PORT)
        self.inner, self.inner6 = f"10.80.{index}.1", f"fd80:{index}::1"
        # No single bit makes one SPI of another.
        spi_in, spi_out = 0xA1000000 + 0x0101 * index, 0xB2000000 + 0x0101 * index
        self.keys_in, keys_out = draw_keys(suite), draw_keys(suite)
        if shared:
            spi_out, keys_out = spi_in, self.keys_in
        self.keys_out = keys_out
        self.outbound = Association(suite, spi_in, *self.keys_in, esn)
        self.inbound = Association(suite, spi_out, *keys_out, esn)
        self.top = 0
        self.probes = []
        self.echoes = {}

    def conf(self, state_folder):
        sa_in, sa_out = self.outbound, self.inbound
        lines = {
            "remote_public_ip": self.outer[0], "local_private_ip": f"{OWN_INNER}, {OWN_INNER6}, 10.78.0.0/24, fd78::/64",
            "remote_private_ip": f"{self.inner}, {self.inner6}", "suite": sa_in.suite.name, "replay_window": self.window,
            "esn": "yes" if sa_in.is_extended else "no", "espmode": "espinudp-nonike" if self.marker else "espinudp",
            # Nothing goes out but what a packet draws.
            "keepalive": 0, "dpd_interval": 0, "mtu": 1400, "state_dir": state_folder,
        }
        if self.is_shared:
            lines |= {"spi_id": hex(sa_in.spi), "enc_aes": hexadecimal(self.keys_in[0]), "auth": hexadecimal(self.keys_in[1])}
        else:
            lines |= {"spi_in": hex(sa_in.spi), "spi_out": hex(sa_out.spi)}
            lines |= {"enc_in": hexadecimal(self.keys_in[0]), "enc_out": hexadecimal(self.keys_out[0])}
            if self.keys_in[1]:
                lines |= {"auth_in": hexadecimal(self.keys_in[1]), "auth_out": hexadecimal(self.keys_out[1])}
        return "".join(f"{key} = {value}\n" for key, value in lines.items())

    def next_number(self):
        self.top += 1
        return self.top

    def packet(self, number=None, size=64, **fields):
        """An authentic packet to the network behind natt-tun, by default the newest."""
        return self.outbound.seal_inner(self.next_number() if number is None else number, self.inner_packet(size, **fields))

    def inner_packet(self, size=64, **fields):
        return packets.ipv4(self.inner, BEHIND, os.urandom(size), **fields)

    def framed(self, esp):
        return bytes(8) + esp if self.marker else esp

    def answer(self, probe):
        """The answer to a probe, newest as the host of a peer sends it."""
        identifier, payload = probe
        reply = packets.echo(self.inner, OWN_INNER, identifier, payload, is_reply=True)
        return self.outbound.seal_inner(self.next_number() if self.top else self.start(), reply)

    def start(self):
        self.top = self.first
        return self.top

    def echo_request(self, number, size=32):
        """Asks natt-tun's host, which answers through the tunnel."""
        identifier, payload = int.from_bytes(os.urandom(2), "big"), os.urandom(size)
        self.echoes[identifier] = payload
        return self.outbound.seal_inner(number, packets.echo(self.inner, OWN_INNER, identifier, payload))

    def read(self, payload):
        """What natt-tun sent: "probe", "echo", or what is wrong with it."""
        inner = self.inbound.open_inner(payload[8:] if self.marker else payload)
        if inner is None:
            return "a packet that is not authentic"
        fields = packets.read_echo(inner)
        if fields is None:
            return f"the inner packet {inner.hex()}"
        is_reply, source, destination, identifier, content = fields
        if (source, destination) != (OWN_INNER, self.inner):
            return f"an echo from {source} to {destination}"
        if is_reply:
            return "echo" if self.echoes.pop(identifier, None) == content else "an answer that nobody asked for"
        if len(content) != PROBE_SIZE:
            return "an echo request that is no probe"
        self.probes.append((time.monotonic(), identifier, content, payload))
        return "probe"


def draw_keys(suite):
    """Encryption key with the salt of a suite that has one, and the key of a suite's HMAC."""
    return (os.urandom(32), os.urandom(32)) if "cbc" in suite else (os.urandom(36), b"")


def hexadecimal(octets):
    return f"0x{octets.hex()}"


def all_peers():
    cbc, gcm, chacha = "aes-cbc-hmac-sha256", "aes-gcm-16", "chacha20-poly1305"
    near_end = (1 << 32) - 400
    table = [
        ("cbc", {}), ("gcm", {"suite": gcm}), ("chacha", {"suite": chacha}),
        ("window32", {"window": 32}), ("window64", {}), ("window1024", {"window": 1024}), ("window8192", {"window": 8192}),
        ("wrap", {"first": near_end}), ("wrap-gcm", {"suite": gcm, "first": near_end}),
        ("esn", {"first": near_end, "esn": True}), ("esn-gcm", {"suite": gcm, "first": near_end, "esn": True}),
        ("esn-forged", {"esn": True}), ("esn-gcm-forged", {"suite": gcm, "esn": True}),
        ("shared", {"shared": True}), ("marker", {"marker": True}), ("six", {"outer6": True}), ("open", {"window": 0}),
        *((f"roams-{name}", {}) for name in ROAMING),
    ]
    return {name: Peer(index, name, **options) for index, (name, options) in enumerate(table)}


# Each moves, or shall not move, by itself: a candidate is remembered for ten seconds.
ROAMING = ("port", "address", "unanswered", "race", "replay", "forged", "junk", "late", "spoofed", "elsewhere", "stale-answer")
