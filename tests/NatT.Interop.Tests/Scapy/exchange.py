"""exchange.py CONF: pings natt-tun's inner addresses, then answers whoever pings ours."""
import sys

from esp_peer import EspPeer, say, serve_until_told

COUNT = 5

peer = EspPeer(sys.argv[1])
say("ready")
peer.wait_for_probe()
for address in peer.far:
    answered = sum(peer.ping(address, sequence) for sequence in range(1, COUNT + 1))
    say(f"{address} answered {answered} of {COUNT}")
serve_until_told(peer)
