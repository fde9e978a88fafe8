#!/usr/bin/python3
"""flow.py answer ADDRESS                 says "ready", and sends back each datagram until it is killed
flow.py ask SOURCE DESTINATION STOP    numbered datagrams until there is a file STOP; says how many, and which never came back, as JSON

A file STOP.begun tells that the first came back.
Only so many are out at a time, so that no queue runs over; one that is lost stays out.
"""
import json
import os
import select
import socket
import sys
import time

PORT = 7009
PACE = 0.005
MOST_OUT = 32
LEAST = 50
LIMIT = 30


def open_socket(address, port):
    opened = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind((address, port))
    return opened


def answer(address):
    opened = open_socket(address, PORT)
    print("ready", flush=True)
    while True:
        opened.sendto(*opened.recvfrom(100))


def ask(source, destination, stop):
    opened = open_socket(source, 0)
    opened.connect((destination, PORT))
    out = set()
    begun = stop + ".begun"

    def take_until(end):
        while select.select([opened], [], [], max(0, end - time.monotonic()))[0]:
            out.discard(int(opened.recv(100)))
            if not os.path.exists(begun):
                os.mknod(begun)

    sent = 0
    end = time.monotonic() + 2 * LIMIT
    while not os.path.exists(stop) or (sent < LEAST and time.monotonic() < end):
        if len(out) < MOST_OUT:
            out.add(sent)
            opened.send(b"%d" % sent)
            sent += 1
        take_until(time.monotonic() + PACE)
    end = time.monotonic() + LIMIT
    while out and time.monotonic() < end:
        take_until(min(end, time.monotonic() + PACE))
    print(json.dumps({"sent": sent, "lost": sorted(out)}))


{"answer": answer, "ask": ask}[sys.argv[1]](*sys.argv[2:])
