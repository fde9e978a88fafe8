"""No tunnel at all: what the link itself carries."""

from lab import other


class Veth:
    key = "veth"
    title = "plain veth"

    def prepare(self, lab):
        pass

    def start(self, lab, end):
        lab.ip(end, "address", "add", end.inner, "peer", other(end).inner, "dev", "outer")

    def wait_ready(self, lab, end, daemon):
        pass
