"""OpenVPN 2.6 over UDP, point to point in TLS mode with certificates pinned by fingerprint, as its manual recommends for two hosts.

Its kernel module would not be a userspace rival: disable-dco. fast-io, larger buffers and no fragmentation are the tuning its manual has.
"""

from lab import A, B, INNER_MTU, other, run, wait_until

PORT = 1194


class OpenVpn:
    def __init__(self, key, title, cipher):
        self.key = key
        self.title = title
        self.cipher = cipher

    def prepare(self, lab):
        for end in (A, B):
            run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp384r1", "-sha384", "-days", "2", "-nodes",
                "-subj", f"/CN={end.name}", "-keyout", lab.folder / f"{end.name}.key", "-out", lab.folder / f"{end.name}.crt")
        for end in (A, B):
            lab.file(f"{end.name}.ovpn", self._conf(lab.folder, end, other(end)))

    def _conf(self, folder, end, far):
        fingerprint = run("openssl", "x509", "-in", folder / f"{far.name}.crt", "-noout", "-fingerprint", "-sha256").split("=")[1].strip()
        role = "tls-client" if end is A else "tls-server\ndh none"
        return f"""
dev tun-vpn
dev-type tun
proto udp4
local {end.outer}
lport {PORT}
remote {far.outer}
rport {PORT}
ifconfig {end.inner} {far.inner}
{role}
cert {folder}/{end.name}.crt
key {folder}/{end.name}.key
peer-fingerprint {fingerprint}
data-ciphers {self.cipher}
cipher {self.cipher}
auth SHA256
disable-dco
tun-mtu {INNER_MTU}
mssfix 0
fast-io
sndbuf 2097152
rcvbuf 2097152
txqueuelen 1000
verb 3
"""

    def start(self, lab, end):
        return lab.start(end, "openvpn", "--config", lab.folder / f"{end.name}.ovpn")

    def wait_ready(self, lab, end, daemon):
        wait_until(lambda: "UDPv4 link local" in daemon.log.read_text(), daemon, "OpenVPN did not come up")
