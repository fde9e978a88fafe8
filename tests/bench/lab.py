"""Two network namespaces joined by a veth, and the processes in them.

    namespace a: inner 10.77.0.1 ── tunnel ── outer 192.0.2.1 ════ veth ════ 192.0.2.2 ── tunnel ── 10.77.0.2: namespace b

bench.sh gave this process mount and PID namespaces of its own: /run/netns is private, and whatever is left ends with us.
"""

import contextlib
import os
import pathlib
import subprocess
import tempfile
import time
from dataclasses import dataclass

INNER_MTU = 1400
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Failure(Exception):
    """A process or a measurement did not do what it should; the text is for the reader of the table."""


@dataclass(frozen=True)
class End:
    name: str
    outer: str
    inner: str


A = End("a", "192.0.2.1", "10.77.0.1")
B = End("b", "192.0.2.2", "10.77.0.2")


def other(end):
    return B if end is A else A


class Daemon:
    """A process in a namespace, by its own pid: `ip netns exec` and `unshare --mount` become the command they start."""

    def __init__(self, process, log):
        self.process = process
        self.log = log

    def cpu_seconds(self):
        fields = self._read("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    def resident_megabytes(self):
        for line in self._read("status").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise Failure(f"process {self.process.pid} has no VmRSS")

    def _read(self, file):
        self.require_alive()
        return pathlib.Path(f"/proc/{self.process.pid}/{file}").read_text()

    def require_alive(self):
        if self.process.poll() is not None:
            raise Failure(f"{self.process.args[-1]}: ended with exit code {self.process.returncode}: {self.last_words()}")

    def last_words(self):
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:]) or "it said nothing"

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Lab:
    """A fresh pair of namespaces; leaving the `with` block ends the processes and removes them."""

    def __enter__(self):
        self._stack = contextlib.ExitStack()
        self.folder = pathlib.Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="natt-bench-")))
        try:
            self._lay_link()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _lay_link(self):
        for end in (A, B):
            run("ip", "netns", "add", end.name)
            self._stack.callback(run, "ip", "netns", "del", end.name)
            run("ip", "-n", end.name, "link", "set", "lo", "up")
        run("ip", "link", "add", "outer", "netns", "a", "type", "veth", "peer", "name", "outer", "netns", "b")
        for end in (A, B):
            self.ip(end, "address", "add", f"{end.outer}/30", "dev", "outer")
            self.ip(end, "link", "set", "outer", "up")

    def ip(self, end, *arguments):
        return run("ip", "-n", end.name, *arguments)

    def run(self, end, *command, **how):
        return run("ip", "netns", "exec", end.name, *command, **how)

    def start(self, end, *command, environment=None):
        log = self.folder / f"{end.name}-{pathlib.Path(command[0]).name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                ["ip", "netns", "exec", end.name, *map(str, command)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})})
        daemon = Daemon(process, log)
        self._stack.callback(daemon.stop)
        return daemon

    def file(self, name, text):
        """A file of ours alone: it may hold a key."""
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text)
        return path

    def give_inner_address(self, end, device):
        """What wg-quick and the like do for a daemon that leaves its device bare."""
        self.ip(end, "address", "add", end.inner, "peer", other(end).inner, "dev", device)
        self.ip(end, "link", "set", device, "mtu", str(INNER_MTU), "up")

    def has_device(self, end, device):
        return subprocess.run(["ip", "-n", end.name, "link", "show", device], capture_output=True).returncode == 0

    def wait_for_device(self, end, device, daemon):
        wait_until(lambda: self.has_device(end, device), daemon, f"no device {device}")


def wait_until(condition, daemon, complaint, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        daemon.require_alive()
        if time.monotonic() > deadline:
            raise Failure(f"{complaint} within {seconds} s: {daemon.last_words()}")
        time.sleep(0.002)


def run(*command, timeout=60, environment=None):
    try:
        done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout,
                              env={**os.environ, **(environment or {})})
    except subprocess.TimeoutExpired:
        raise Failure(f"{' '.join(map(str, command))}: not done after {timeout} s") from None
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))}: {(done.stderr or done.stdout).strip()[-400:]}")
    return done.stdout
