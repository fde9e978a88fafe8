"""The list of behaviours: each is a sentence, the peers it is tried on, and a function of a trial."""
import dataclasses
import typing


@dataclasses.dataclass(frozen=True)
class Behaviour:
    name: str
    peers: tuple
    act: typing.Callable
    proves_window: bool


ALL = []


def behaviour(name, *peers, proves_window=True):
    def register(act):
        ALL.append(Behaviour(name, peers, act, proves_window))
        return act
    return register
