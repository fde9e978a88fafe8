"""natt-tun as its README has it: confs by keygen, nothing tuned but the number of workers where that is what is measured."""

from lab import A, B, INNER_MTU, run, wait_until

CONFS = {A: "here.conf", B: "there.conf"}


class NattTun:
    def __init__(self, key, title, binary, environment=None, suite="aes-cbc-hmac-sha256", workers=1):
        self.key = key
        self.title = title
        self.binary = binary
        self.environment = environment
        self.suite = suite
        self.workers = workers

    def prepare(self, lab):
        run(self.binary, "keygen", "--out", lab.folder, "--here", A.outer, "--there", B.outer, "--inner-here", A.inner, "--inner-there", B.inner,
            "--suite", self.suite)
        for end in (A, B):
            state = lab.folder / f"state-{end.name}"
            state.mkdir()
            with (lab.folder / CONFS[end]).open("a") as conf:
                conf.write(f"\nstate_dir = {state}\nmtu = {INNER_MTU}\nworkers = {self.workers}\n")
            run(self.binary, "state", "init", "--conf", lab.folder / CONFS[end])

    def start(self, lab, end):
        return lab.start(end, self.binary, "--conf", lab.folder / CONFS[end], environment=self.environment)

    def wait_ready(self, lab, end, daemon):
        wait_until(lambda: "device natt0 is up" in daemon.log.read_text(), daemon, "natt-tun did not come up")
