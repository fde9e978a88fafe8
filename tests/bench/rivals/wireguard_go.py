"""wireguard-go, in the foreground and configured as wg-quick does it. TUN and UDP offloads are its own default."""

import pathlib

from lab import A, B, other, run, wait_until

PORT = 51820

CONF = """
[Interface]
PrivateKey = {key}
ListenPort = {port}
[Peer]
PublicKey = {far_key}
AllowedIPs = {far.inner}/32
Endpoint = {far.outer}:{port}
"""


class WireGuardGo:
    key = "wireguard-go"
    title = "wireguard-go, ChaCha20-Poly1305"

    def prepare(self, lab):
        private = {end: run("wg", "genkey").strip() for end in (A, B)}
        for end in (A, B):
            far = other(end)
            far_key = run("sh", "-c", f"wg pubkey <{lab.file('key', private[far])}").strip()
            lab.file(f"{end.name}.wg", CONF.format(end=end, far=far, port=PORT, key=private[end], far_key=far_key))

    def start(self, lab, end):
        device = f"wg-{end.name}"
        daemon = lab.start(end, "wireguard-go", "--foreground", device)
        wait_until(pathlib.Path(f"/run/wireguard/{device}.sock").exists, daemon, "wireguard-go did not come up")
        lab.run(end, "wg", "setconf", device, lab.folder / f"{end.name}.wg")
        lab.give_inner_address(end, device)
        return daemon

    def wait_ready(self, lab, end, daemon):
        pass
