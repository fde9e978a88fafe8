"""flows.py WHO MILLISECONDS HUB-NAMESPACE HUB-ADDRESS NAMESPACE=ADDRESS...: datagrams between a hub and its spokes, one each so
many milliseconds, until SIGTERM. WHO sends: "spokes" send and the hub answers; "hub" sends and the spokes only listen;
"asking-hub" sends and the spokes answer. A line "arrived NAMESPACE NANOSECONDS" tells (by the monotonic clock) of each that
arrived at its end: at the hub where it asks, else at the spoke."""
import ctypes
import os
import select
import socket
import sys
import time

PORT = 7008
CLONE_NEWNET = 0x40000000


def socket_in(namespace, address):
    with open(f"/run/netns/{namespace}") as handle:
        if ctypes.CDLL(None, use_errno=True).setns(handle.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns to {namespace}")
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.setblocking(False)
    bound.bind((address, PORT))
    return bound


def send(sender, to):
    try:
        sender.sendto(b"flow", (to, PORT))
    except OSError:
        # No route just now, or no room: lost like any other datagram.
        pass


def arrivals(sockets):
    for ready in select.select(sockets, [], [], 0.002)[0]:
        try:
            while True:
                _, (source, _) = ready.recvfrom(100)
                yield ready, source
        except OSError:
            pass


def run(who, interval, hub_namespace, hub_address, spokes):
    hub = socket_in(hub_namespace, hub_address)
    addresses = [spoke.split("=")[1] for spoke in spokes]
    names = dict(zip(addresses, (spoke.split("=")[0] for spoke in spokes)))
    ends = {socket_in(names[address], address): address for address in addresses}
    turn = time.monotonic()
    pending = []
    while True:
        if not pending and time.monotonic() >= turn:
            pending = list(ends.items())
            # A turn that a busy machine missed is not made up for, or the load would only grow.
            turn = max(turn + interval, time.monotonic())
        # A few at a time: no burst that a queue has no room for.
        for end, address in pending[:8]:
            if who == "spokes":
                send(end, hub_address)
            else:
                send(hub, address)
        pending = pending[8:]
        for at, source in arrivals([hub, *ends]):
            address = source if at is hub else ends[at]
            if (at is hub) == (who == "asking-hub"):
                sys.stdout.write(f"arrived {names[address]} {time.monotonic_ns()}\n")
            elif at is hub:
                send(hub, address)
            else:
                send(at, hub_address)
        sys.stdout.flush()


run(sys.argv[1], float(sys.argv[2]) / 1000, sys.argv[3], sys.argv[4], sys.argv[5:])
