"""A UDP flow, counted exactly at both ends.

udp_flow.py receive ADDRESS                       says "ready", ends after two seconds without a datagram, says what came
udp_flow.py send ADDRESS SECONDS SIZE [MBIT]      says what went; MBIT: paced, else as fast as it can
"""
import socket
import struct
import sys
import time

PORT = 5300
SO_RCVBUFFORCE = 33
SO_MEMINFO = 55
TICK = 0.001
QUIET = 2


def receive(address):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    # What dies in this queue is nobody's fault but this program's.
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 256 << 20)
    s.bind((address, PORT))
    print("ready", flush=True)
    buffer = bytearray(2048)
    received = 0
    s.recv_into(buffer)
    s.settimeout(QUIET)
    try:
        while True:
            received += 1
            s.recv_into(buffer)
    except TimeoutError:
        pass
    dropped = struct.unpack("9I", s.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 36))[8]
    print(f"received {received} dropped {dropped}", flush=True)


def send(address, seconds, size, mbit=None):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect((address, PORT))
    payload = bytes(size)
    packets_per_tick = mbit * 1e6 / 8 / size * TICK if mbit else 64
    start = now = time.monotonic()
    sent = 0
    while now - start < seconds:
        # Who was kept waiting catches up at half again the rate, not in one burst.
        due = (now - start) / TICK * packets_per_tick - sent if mbit else packets_per_tick
        for _ in range(int(min(due, packets_per_tick * 1.5))):
            s.send(payload)
            sent += 1
        if mbit:
            time.sleep(TICK)
        now = time.monotonic()
    print(f"sent {sent} in {now - start:.3f} s", flush=True)


if sys.argv[1] == "receive":
    receive(sys.argv[2])
else:
    send(sys.argv[2], float(sys.argv[3]), int(sys.argv[4]), *map(float, sys.argv[5:]))
