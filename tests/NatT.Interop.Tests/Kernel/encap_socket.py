"""encap_socket.py PORT: the UDP socket by which the kernel takes RFC 3948 datagrams for ESP."""
import signal
import socket
import sys

UDP_ENCAP, UDP_ENCAP_ESPINUDP = 100, 2

encapsulated = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
encapsulated.bind(("", int(sys.argv[1])))
encapsulated.setsockopt(socket.IPPROTO_UDP, UDP_ENCAP, UDP_ENCAP_ESPINUDP)
print("ready", flush=True)
signal.pause()
