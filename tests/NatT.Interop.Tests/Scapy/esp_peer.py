"""The far end of a tunnel with static keys, made of scapy's implementation of RFC 4303 and a plain UDP socket.

It reads the same conf as natt-tun would, and fails on the first frame that is not as it has to be.
"""
import os
import select
import signal
import socket
import sys
import time

from cryptography.hazmat.primitives.hmac import HMAC
from scapy.layers.inet import ICMP, IP
from scapy.layers.inet6 import ICMPv6EchoReply, ICMPv6EchoRequest, IPv6
from scapy.layers.ipsec import AUTH_ALGOS, ESP, AuthAlgo, SecurityAssociation
from scapy.packet import Raw, raw

# Each of a conf's AEADs as scapy calls it; both have the salt behind the key and 8 octets of IV.
AEADS = {"aes-gcm-16": "AES-GCM", "chacha20-poly1305": "CHACHA20-POLY1305"}

# Of each other hash, as scapy has it: its algorithm's name.
HMACS = {"aes-cbc-hmac-sha1": "HMAC-SHA1-96", "aes-cbc-hmac-sha384": "SHA2-384-192", "aes-cbc-hmac-sha512": "SHA2-512-256"}

KEEPALIVE = b"\xff"
NON_IKE_MARKER = bytes(8)


class ExtendedNumberHmac:
    """HMAC over the packet and the high half of its extended sequence number (RFC 4303 §2.2.1), here always zero.

    scapy leaves the high half out of an ESP packet's ICV.
    """

    def __init__(self, *arguments):
        self.hmac = HMAC(*arguments)

    def update(self, octets):
        self.hmac.update(octets)

    def finalize(self):
        self.hmac.update(bytes(4))
        return self.hmac.finalize()


def say(text):
    print(text, flush=True)


def serve_until_told(peer):
    """Answers until SIGTERM."""
    running = True

    def stop(*_):
        nonlocal running
        running = False

    signal.signal(signal.SIGTERM, stop)
    say("serving")
    while running:
        peer.serve(0.2)
    say(f"opened {peer.opened} frames, all of them authentic and in order")


class EspPeer:
    def __init__(self, conf_file):
        conf = read_conf(conf_file)
        self.port = 1100
        self.remote = (conf["remote_public_ip"], self.port)
        self.is_non_ike = conf["espmode"] == "espinudp-nonike"
        self.own = [address.strip() for address in conf["local_private_ip"].split(",")]
        self.far = [address.strip() for address in conf["remote_private_ip"].split(",")]
        auth = None if conf.get("suite") in AEADS else auth_of(conf)
        self.iv_size = 16 if auth else 8
        self.outbound = association(conf, "out", auth)
        self.inbound = association(conf, "in", auth)
        # A peer that speaks one framing cannot read the other; a natt-tun still looking for it sends both.
        self.ignores_other_framing = conf.get("ignore_other_framing") == "yes"
        self.opened = 0
        self.last_datagram = None
        self.last_number = 0
        self.ivs = set()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # Datagrams longer than the path MTU leave in fragments.
        self.socket.setsockopt(socket.IPPROTO_IP, 10, 0)  # IP_MTU_DISCOVER, IP_PMTUDISC_DONT
        self.socket.bind(("", self.port))

    def seal(self, inner, number=None):
        """The ESP packet that carries the inner one, sealed by scapy."""
        return raw(self.outbound.encrypt(inner, seq_num=number)[ESP])

    def send(self, esp, is_non_ike=None):
        self.send_datagram((NON_IKE_MARKER if (self.is_non_ike if is_non_ike is None else is_non_ike) else b"") + esp)

    def send_datagram(self, datagram):
        self.socket.sendto(datagram, self.remote)

    def receive(self, seconds):
        """The next inner packet, or None once the time is over."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if select.select([self.socket], [], [], left)[0]:
                inner = self.open(self.socket.recv(65535))
                if inner is not None:
                    return inner
        return None

    def open(self, datagram):
        if datagram == KEEPALIVE:
            return None
        if datagram.startswith(NON_IKE_MARKER) != self.is_non_ike:
            if not self.ignores_other_framing:
                sys.exit(f"a frame of the wrong framing: {datagram[:16].hex()}…")
            self.last_number += 1
            return None
        esp = ESP(datagram[len(NON_IKE_MARKER) if self.is_non_ike else 0:])
        iv = esp.data[:self.iv_size]
        if esp.seq != self.last_number + 1:
            sys.exit(f"number {esp.seq} came after {self.last_number}")
        if iv in self.ivs:
            sys.exit(f"number {esp.seq} repeats the IV {iv.hex()}")
        # Raises where SPI or ICV are wrong.
        inner = self.inbound.decrypt(IP() / esp)
        if not isinstance(inner, (IP, IPv6)) or inner.src not in self.far or inner.dst not in self.own:
            sys.exit(f"number {esp.seq} decrypts to {inner.summary()}")
        self.last_number = esp.seq
        self.last_datagram = datagram
        self.ivs.add(iv)
        self.opened += 1
        return inner

    def serve(self, seconds):
        """Answers echo requests; returns whether there was one to answer, and the first packet that was none."""
        inner = self.receive(seconds)
        reply = None if inner is None else echo_reply(inner)
        if reply is not None:
            self.send(self.seal(reply))
            return True, None
        return False, inner

    def wait_for_probe(self):
        """Until natt-tun has asked for and got the fresh answer without which it delivers nothing."""
        deadline = time.monotonic() + 10
        while not self.serve(0.5)[0]:
            if time.monotonic() > deadline:
                sys.exit("natt-tun sent no probe")
        say("answered a probe")

    def ping(self, address, sequence):
        """Whether the kernel at the far end answered, with what was sent."""
        payload = os.urandom(56)
        if ":" in address:
            request = IPv6(src=self.own[1], dst=address) / ICMPv6EchoRequest(id=77, seq=sequence, data=payload)
        else:
            request = IP(src=self.own[0], dst=address) / ICMP(id=77, seq=sequence) / Raw(payload)
        self.send(self.seal(request))
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            _, inner = self.serve(deadline - time.monotonic())
            if inner is not None and echo_answer(inner) == (77, sequence, payload) and inner.src == address:
                return True
        return False


def read_conf(conf_file):
    with open(conf_file, encoding="ascii") as lines:
        return dict((part.strip() for part in line.split("=", 1)) for line in lines if "=" in line)


def association(conf, direction, auth):
    def value(key, shared):
        return conf.get(f"{key}_{direction}", conf.get(shared))

    spi = int(value("spi", "spi_id"), 16)
    if auth is None:
        return SecurityAssociation(
            ESP, spi=spi, crypt_algo=AEADS[conf["suite"]], crypt_key=bytes.fromhex(conf[f"enc_{direction}"][2:]), tunnel_header=IP())
    return SecurityAssociation(
        ESP, spi=spi,
        crypt_algo="AES-CBC", crypt_key=bytes.fromhex(value("enc", "enc_aes")[2:]),
        auth_algo=auth, auth_key=bytes.fromhex(value("auth", "auth_sha256")[2:]),
        tunnel_header=IP())


def auth_of(conf):
    """The name under which scapy knows the conf's integrity algorithm; of HMAC-SHA-256 it brings RFC 4868's ICV only."""
    known = AUTH_ALGOS[HMACS.get(conf.get("suite"), "SHA2-256-128")]
    is_extended = conf.get("esn") == "yes"
    is_short = "suite" not in conf and conf.get("icv_bits") == "96"
    if not is_extended and not is_short:
        return known.name
    name = f"{known.name} of this conf"
    AUTH_ALGOS[name] = AuthAlgo(
        name, mac=ExtendedNumberHmac if is_extended else HMAC, digestmod=known.digestmod, icv_size=12 if is_short else known.icv_size)
    return name


def echo_reply(inner):
    if ICMP in inner and inner[ICMP].type == 8:
        return IP(src=inner.dst, dst=inner.src) / ICMP(type=0, id=inner[ICMP].id, seq=inner[ICMP].seq) / raw(inner[ICMP].payload)
    if ICMPv6EchoRequest in inner:
        request = inner[ICMPv6EchoRequest]
        return IPv6(src=inner.dst, dst=inner.src) / ICMPv6EchoReply(id=request.id, seq=request.seq, data=request.data)
    return None


def echo_answer(inner):
    if ICMP in inner and inner[ICMP].type == 0:
        return inner[ICMP].id, inner[ICMP].seq, raw(inner[ICMP].payload)
    if ICMPv6EchoReply in inner:
        reply = inner[ICMPv6EchoReply]
        return reply.id, reply.seq, reply.data
    return None
