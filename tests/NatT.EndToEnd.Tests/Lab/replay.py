"""replay.py PCAP DEVICE: sends the recorded frames again, as they were."""
import sys

from scapy.layers.inet import IP, UDP
from scapy.sendrecv import sendp
from scapy.utils import rdpcap

frames = rdpcap(sys.argv[1])
for frame in frames:
    # A veth leaves the sums to a network card that never comes: what was recorded holds none that are valid.
    del frame[IP].chksum
    del frame[UDP].chksum
sendp(frames, iface=sys.argv[2], verbose=False)
print(f"replayed {len(frames)} frames")
