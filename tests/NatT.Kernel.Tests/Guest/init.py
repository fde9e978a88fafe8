#!/usr/bin/python3
"""The guest's only process of its own. The console is a line protocol: a JSON request a line, a JSON answer a line.

{"id": 1, "run": ["ping", "192.0.2.1"]}                        -> {"id": 1, "code": 0, "out": "...", "err": "..."}
{"id": 2, "start": ["iperf3", "-s"], "until": "listening"}     -> the same, once it said so; it runs on
{"id": 3, "encapsulate": "192.0.2.2", "port": 1100, "type": 2} -> the same; the socket stays open

The root file system is the machine's own, read only, so that the guest has its programs; the kernel is not.
"""
import ctypes
import json
import os
import socket
import subprocess
import sys
import threading
import tty

UDP_ENCAP = 100
SYS_FINIT_MODULE = 313  # of x86-64, the only machine that user-mode-linux has
MODULES = "/usr/lib/uml/modules"
WANTED = """ipv6 af_packet esp4 esp6 xfrm_user xfrm4_tunnel xfrm6_tunnel authenc authencesn echainiv seqiv cbc ctr hmac gcm
    ghash-generic sha512_generic drbg chacha_generic poly1305_generic chacha20poly1305""".split()
MOUNTS = (("proc", "/proc"), ("sysfs", "/sys"), ("tmpfs", "/run"))

libc = ctypes.CDLL(None, use_errno=True)
answering = threading.Lock()
sockets = {}


def say(answer):
    with answering:
        sys.stdout.write("@" + json.dumps(answer) + "\n")
        sys.stdout.flush()


def load_modules():
    """There need be no modprobe on the machine."""
    folder = os.path.join(MODULES, os.uname().release)
    needs = {}
    with open(os.path.join(folder, "modules.dep"), encoding="ascii") as lines:
        for line in lines:
            path, _, others = line.partition(":")
            needs[path] = others.split()
    paths = {os.path.basename(path).split(".")[0]: path for path in needs}
    loaded = set()
    for name in WANTED:
        # What this kernel has built in is no file.
        if name in paths:
            # modules.dep names the nearest first.
            for path in [*reversed(needs[paths[name]]), paths[name]]:
                if path not in loaded:
                    insert(os.path.join(folder, path))
                    loaded.add(path)


def insert(path):
    with open(path, "rb") as module:
        if libc.syscall(SYS_FINIT_MODULE, module.fileno(), b"", 0) != 0:
            raise OSError(ctypes.get_errno(), "finit_module", path)


def run(request):
    done = subprocess.run(request["run"], stdin=subprocess.DEVNULL, capture_output=True, check=False, text=True, errors="replace")
    return {"code": done.returncode, "out": done.stdout, "err": done.stderr}


def start(request):
    process = subprocess.Popen(  # pylint: disable=consider-using-with
        request["start"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    said = []
    for line in process.stdout:
        said.append(line)
        if request["until"] in line:
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return {"code": 0, "out": "".join(said), "err": ""}
    return {"code": process.wait() or 1, "out": "".join(said), "err": "it ended"}


def encapsulate(request):
    """UDP_ENCAP for as long as the socket is open: 2 is RFC 3948, 1 the non-IKE framing, 0 closes it."""
    address, port = request["encapsulate"], request["port"]
    old = sockets.pop((address, port), None)
    if old is not None:
        old.close()
    if request["type"] != 0:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        opened = socket.socket(family, socket.SOCK_DGRAM)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind((address, port))
        opened.setsockopt(socket.IPPROTO_UDP, UDP_ENCAP, request["type"])
        sockets[address, port] = opened
    return {"code": 0, "out": "", "err": ""}


VERBS = {"run": run, "start": start, "encapsulate": encapsulate}


def answer(request):
    verb = next(name for name in VERBS if name in request)
    try:
        result = VERBS[verb](request)
    except OSError as problem:
        result = {"code": 127, "out": "", "err": str(problem)}
    say({"id": request["id"], **result})


def main():
    tty.setraw(sys.stdin.fileno())
    for kind, place in MOUNTS:
        if libc.mount(kind.encode(), place.encode(), kind.encode(), 0, None) != 0:
            raise OSError(ctypes.get_errno(), "mount", place)
    load_modules()
    os.environ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    os.environ["LC_ALL"] = "C"
    # Where iperf3 wants a file, for the rest is read only.
    os.environ["TMPDIR"] = "/run"
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    say({"id": 0, "code": 0, "out": os.uname().release, "err": ""})
    for line in sys.stdin:
        threading.Thread(target=answer, args=(json.loads(line),), daemon=True).start()


main()
