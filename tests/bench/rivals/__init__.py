"""Who is measured, in the order of the table. A rival has a `key` for raw rounds, a `title` for readers, and

    prepare(lab)                    makes keys and confs
    start(lab, end)                 starts one end, up to where nothing but the far end is missing; returns its Daemon, or None
    wait_ready(lab, end, daemon)    waits until the end that was started first could answer
"""

from rivals.natt_tun import NattTun
from rivals.openvpn import OpenVpn
from rivals.plain_tunnel import PlainTunnel
from rivals.strongswan import StrongSwan
from rivals.veth import Veth
from rivals.wireguard_go import WireGuardGo


def all_rivals(repository):
    binaries = "bin/Release/net10.0"
    natt_tun = repository / "tests/bench/obj/natt-tun/natt-tun"
    plain_tunnel = repository / "tests/bench/PlainTunnel" / binaries / "plain-tunnel"
    return [
        NattTun("natt-tun", "natt-tun, AES-256-CBC + HMAC-SHA-256", natt_tun),
        NattTun("natt-tun-no-avx512", "natt-tun, the same without AVX-512", natt_tun, {"DOTNET_EnableAVX512": "0"}),
        NattTun("natt-tun-gcm", "natt-tun, AES-256-GCM", natt_tun, suite="aes-gcm-16"),
        NattTun("natt-tun-chacha", "natt-tun, ChaCha20-Poly1305", natt_tun, suite="chacha20-poly1305"),
        NattTun("natt-tun-2-workers", "natt-tun, AES-256-CBC + HMAC-SHA-256, 2 workers", natt_tun, workers=2),
        WireGuardGo(),
        PlainTunnel(plain_tunnel),
        StrongSwan("strongswan-gcm", "strongSwan kernel-libipsec, AES-256-GCM", "aes256gcm16"),
        StrongSwan("strongswan-cbc", "strongSwan kernel-libipsec, AES-256-CBC + HMAC-SHA-256", "aes256-sha256"),
        OpenVpn("openvpn-gcm", "OpenVPN, AES-256-GCM", "AES-256-GCM"),
        OpenVpn("openvpn-cbc", "OpenVPN, AES-256-CBC + HMAC-SHA-256", "AES-256-CBC"),
        Veth(),
    ]
