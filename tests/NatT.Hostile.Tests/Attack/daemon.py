"""The natt-tun under attack, as its operator sees it: counters, peers, log lines, descriptors."""
import collections
import json
import os
import re
import socket
import time

# A summary once a minute is promised whatever comes; it is no line of any packet's own.
SUMMARY = "dropped since the last such line"

# So is advice about confs that may not match: a line a cause and minute, however many packets look like it.
ADVICE = re.compile(r"warning: .*(at both ends|at one end|at its end|spi_in here|or auto|our inner address|the keys of its conf)")
WHOSE = re.compile(r"0x\w+|\[?[0-9a-f.:]+\]?:\d+|peer \S+|\d+")


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
        self.connection = None
        self.asked_at = 0.0
        self.started_at = time.monotonic()
        self.advice = collections.Counter()

    def wait_until_up(self, seconds):
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.pid = self.report()["pid"]
                return
            except OSError:
                self.connection = None
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def report(self):
        # It closes a connection that asks nothing for ten seconds, and takes only a few at once.
        if self.connection is None or time.monotonic() - self.asked_at > 5:
            self.connect()
        self.asked_at = time.monotonic()
        try:
            return self.ask()
        except (ConnectionError, json.JSONDecodeError):
            self.connect()
            return self.ask()

    def connect(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.connection.settimeout(60)
        self.connection.connect(self.control_socket)

    def ask(self):
        self.connection.sendall(b'{"verb":"status"}\n')
        answer = b""
        while not answer.endswith(b"\n"):
            octets = self.connection.recv(1 << 20)
            if not octets:
                raise ConnectionError("the control connection was closed")
            answer += octets
        return json.loads(answer)["status"]

    def snapshot(self):
        return Snapshot(self.report())

    def new_log_lines(self):
        with open(self.log_file, encoding="utf-8") as log:
            log.seek(self.log_position)
            text = log.read()
        complete = text.rpartition("\n")[0]
        self.log_position += len(complete.encode()) + (1 if complete else 0)
        return [line for line in complete.split("\n") if line and SUMMARY not in line and not self.is_rare_advice(line)]

    def is_rare_advice(self, line):
        if not ADVICE.search(line):
            return False
        kind = WHOSE.sub("", line)
        self.advice[kind] += 1
        return self.advice[kind] <= 2 + (time.monotonic() - self.started_at) // 60

    def descriptors(self):
        """With that of a control connection which it has not closed yet, perhaps."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def resident_octets(self):
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as sizes:
            return int(sizes.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
