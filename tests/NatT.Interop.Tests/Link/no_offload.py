"""no_offload.py DEVICE...: what leaves the devices has its checksums filled in, and is no more than one packet each."""
import array
import fcntl
import socket
import struct
import sys

SIOCETHTOOL = 0x8946
ETHTOOL_STXCSUM = 0x17

control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for device in sys.argv[1:]:
    # struct ethtool_value: the command, then 0 for off. Segmentation offloads need checksum offload and go with it.
    value = array.array("I", [ETHTOOL_STXCSUM, 0])
    address, _ = value.buffer_info()
    fcntl.ioctl(control, SIOCETHTOOL, struct.pack("16sP", device.encode(), address).ljust(40, b"\0"))
