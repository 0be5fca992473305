"""Puts the parts together: the sessions of registrars, and the control."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from devstack.registry import pki
from devstack.registry.control import OURS, RIVAL, Control
from devstack.registry.sessions import Heard, Listener, Registry
from devstack.registry.store import Store
from devstack.registry.web import Server

RIVALS_PASSWORD = "rival-secret"  # noqa: S105 - it opens nothing but this simulator


@dataclass(frozen=True, slots=True, repr=False)
class Options:
    """`data` is a folder. Port 0 takes a free one. `password` is the product's."""

    data: Path
    password: str
    epp_port: int = 0
    control_port: int = 0


class Embedded:
    """A running registry. `heard` is told of each frame, for tests."""

    def __init__(self, options: Options, *, heard: Heard = lambda _side, _content: None) -> None:
        self.files = pki.prepare(options.data)
        self._store = Store(options.data / "registry.sqlite3")
        self._registry = Registry(self._store, {OURS: options.password, RIVAL: RIVALS_PASSWORD})
        self.control = Control(self._registry)
        context = pki.server_context(self.files)
        self._listener = Listener(self._registry, context, port=options.epp_port, heard=heard)
        self._web = Server(self.control, port=options.control_port)
        self.address = f"127.0.0.1:{self._listener.port}"
        self.control_url = f"http://127.0.0.1:{self._web.port}"

    def mutate_next(self, on: str, mutate: Callable[[bytes], bytes]) -> None:
        """The answer to the next command of this name is what `mutate` makes of it."""
        self._registry.mutate = mutate
        self.control.switch_on({"on": on, "kind": "mutated"})

    def close(self) -> None:
        """Takes no more connections, and wakes whoever waits."""
        self._listener.close()
        self._registry.end()
        self._web.close()
