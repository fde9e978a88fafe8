"""The tunnel of every tutorial, see PlainTunnel/Program.cs."""

from lab import other

PORT = 1101


class PlainTunnel:
    key = "plain"
    title = "plain read/sendto tunnel, ChaCha20-Poly1305"

    def __init__(self, binary):
        self.binary = binary

    def prepare(self, lab):
        pass

    def start(self, lab, end):
        daemon = lab.start(end, self.binary, "plain0", f"{end.outer}:{PORT}", f"{other(end).outer}:{PORT}")
        lab.wait_for_device(end, "plain0", daemon)
        lab.give_inner_address(end, "plain0")
        return daemon

    def wait_ready(self, lab, end, daemon):
        pass
