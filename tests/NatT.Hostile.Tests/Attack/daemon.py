"""The natt-tun under attack, as its operator sees it: counters, peers, log lines, descriptors."""
import collections
import json
import os
import socket
import time

# A summary once a minute is promised whatever comes; it is no line of any packet's own.
SUMMARY = "dropped since the last such line"


class Snapshot:
    def __init__(self, report):
        self.uptime = report["uptime_seconds"]
        self.peers = {peer["name"]: peer for peer in report["peers"]}
        self.drops = collections.Counter(report["drops_in"])
        self.lost_on_the_way_out = collections.Counter(report["drops_out"])
        self.accepted = 0
        for peer in self.peers.values():
            self.drops.update(peer["in"]["drops"])
            self.lost_on_the_way_out.update(peer["out"]["drops"])
        # Of the packets that its kernel makes for the device by itself, such as those that look for routers.
        self.lost_on_the_way_out.pop("NoPeer", None)

    def accepted_of(self, name):
        return self.peers[name]["in"]["packets"]

    def heard_at(self, name):
        """In seconds of its uptime."""
        return self.uptime - self.peers[name]["last_heard_seconds"]

    def place_of(self, name):
        peer = self.peers[name]
        return {key: peer[key] for key in ("endpoint", "framing", "state", "mtu")}


class Daemon:
    def __init__(self, control_socket, log_file):
        self.control_socket = control_socket
        self.log_file = log_file
        self.log_position = 0
        self.pid = None

    def wait_until_up(self, seconds):
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.pid = self.report()["pid"]
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def report(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(60)
            connection.connect(self.control_socket)
            connection.sendall(b'{"verb":"status"}\n')
            with connection.makefile("rb") as answer:
                return json.loads(answer.readline())["status"]

    def snapshot(self):
        return Snapshot(self.report())

    def new_log_lines(self):
        with open(self.log_file, encoding="utf-8") as log:
            log.seek(self.log_position)
            text = log.read()
        complete = text.rpartition("\n")[0]
        self.log_position += len(complete.encode()) + (1 if complete else 0)
        return [line for line in complete.split("\n") if line and SUMMARY not in line]

    def descriptors(self):
        """Without those of control connections, which come and go with every look at the counters."""
        folder = f"/proc/{self.pid}/fd"
        return len(os.listdir(folder))
