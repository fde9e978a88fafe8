"""strongSwan with its userspace IPsec (kernel-libipsec): IKEv2 with a shared secret, then ESP in UDP through its TUN device."""

import os

from lab import A, B, other, wait_until

# kernel-libipsec before kernel-netlink, or the kernel would do the IPsec; aesni before openssl, which then does SHA-256 alone:
# a sixth less CPU time with AES-CBC than the other way round, and the same with AES-GCM.
PLUGINS = "random nonce aesni openssl aes sha2 hmac kdf gcm curve25519 pem pubkey kernel-libipsec kernel-netlink socket-default vici"
DEVICE = "ipsec0"

# Both daemons want the same files below /run.
WITH_OWN_RUN = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs tmpfs /run && exec "$@"', "sh"]

SETTINGS = """
charon {{
  load = {plugins}
  interfaces_use = outer
  plugins {{
    vici {{
      socket = {socket}
    }}
  }}
  filelog {{
    stderr {{
      default = 1
    }}
  }}
}}
"""

CONNECTION = """
connections {{
  pair {{
    version = 2
    local_addrs = {end.outer}
    remote_addrs = {far.outer}
    proposals = aes256-sha256-x25519
    mobike = no
    local {{
      auth = psk
      id = {end.name}
    }}
    remote {{
      auth = psk
      id = {far.name}
    }}
    children {{
      inner {{
        local_ts = {end.inner}/32
        remote_ts = {far.inner}/32
        esp_proposals = {proposal}
        start_action = {start_action}
      }}
    }}
  }}
}}
secrets {{
  ike-pair {{
    secret = 0x{secret}
  }}
}}
"""


class StrongSwan:
    def __init__(self, key, title, proposal):
        self.key = key
        self.title = title
        self.proposal = proposal

    def prepare(self, lab):
        secret = os.urandom(32).hex()
        for end in (A, B):
            lab.file(f"{end.name}.strongswan", SETTINGS.format(plugins=PLUGINS, socket=self._socket(lab, end)))
            lab.file(f"{end.name}.swanctl", CONNECTION.format(
                end=end, far=other(end), proposal=self.proposal, secret=secret, start_action="start" if end is A else "none"))

    def start(self, lab, end):
        settings = {"STRONGSWAN_CONF": str(lab.folder / f"{end.name}.strongswan")}
        daemon = lab.start(end, *WITH_OWN_RUN, "/usr/lib/ipsec/charon", environment=settings)
        lab.wait_for_device(end, DEVICE, daemon)
        wait_until((lab.folder / f"{end.name}.vici").exists, daemon, "charon did not come up")
        lab.give_inner_address(end, DEVICE)
        lab.run(end, "swanctl", "--load-all", "--uri", self._socket(lab, end), "--file", lab.folder / f"{end.name}.swanctl",
                environment=settings)
        return daemon

    def _socket(self, lab, end):
        return f"unix://{lab.folder}/{end.name}.vici"

    def wait_ready(self, lab, end, daemon):
        pass
