"""A signed-in session with a registry, shared by the threads of a process: one command at a time, each done by a
deadline that also holds the waiting for others, connecting and signing in."""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from epptools import Client, Config, Frame, Response
from epptools.exceptions import EppException, ValidationException

from backoffice.domains.adapters import reading, results
from backoffice.domains.adapters.line import Address, Line
from backoffice.domains.adapters.reading import Told
from backoffice.domains.ports import RegistryUnavailable

Sends = Callable[[Client], Response]
"""Builds a command and sends it."""


@dataclass(frozen=True, slots=True, repr=False)
class Access:
    """How we sign in. `deadline` is in seconds, for each command."""

    address: Address
    registrar: str
    password: str
    deadline: float = 10.0


class Answered(RegistryUnavailable):
    """The registry answered, but not with an outcome: 2400 and above."""

    def __init__(self, told: Told) -> None:
        super().__init__(f"epp_{told.code}")
        self.told = told


class _Client(Client):
    """The library's client with our transaction ids, which it would make the same in two processes."""

    trid = ""

    def frame(self) -> Frame:
        return Frame.command(self.trid)


class Session:
    """Connects when it is first needed and again whenever the line has died."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._lock = threading.Lock()
        self._line = Line(access.address)
        self._client: _Client | None = None
        self._deadline = 0.0

    def read(self, send: Sends) -> Told:
        """A command that changes nothing: it is sent once more when the line had died in the meantime. Raises
        `RegistryUnavailable`; a refusal is an answer like any other."""
        return self._ask(send, trid="", again=True)

    def change(self, send: Sends, *, trid: str) -> Told:
        """A command that changes something: it is sent once, with the transaction id that the caller has written
        down. Raises `RegistryUnavailable` when its outcome is unknown, and `ValidationException` when it cannot be sent
        at all."""
        return self._ask(send, trid=trid, again=False)

    def close(self) -> None:
        """Signs out, if it can, and ends the connection."""
        with self._lock:
            if self._client is not None and self._line.is_quiet():
                self._line.until(time.monotonic() + 1.0)
                self._client.trid = _new_trid()
                with contextlib.suppress(EppException):  # It ends either way.
                    self._client.logout()
            self._end()

    def _ask(self, send: Sends, *, trid: str, again: bool) -> Told:
        deadline = time.monotonic() + self._access.deadline
        if not self._lock.acquire(timeout=self._access.deadline):
            raise RegistryUnavailable("busy")
        try:
            self._deadline = deadline
            self._line.until(deadline)
            was_open = self._client is not None and self._line.is_quiet()
            try:
                return self._once(send, trid or _new_trid())
            except Answered:
                raise
            except RegistryUnavailable:
                if not (again and was_open):
                    raise
                return self._once(send, _new_trid())
        finally:
            self._lock.release()

    def _once(self, send: Sends, trid: str) -> Told:
        client = self._ready()
        client.trid = trid
        try:
            root = send(client).root
        except ValidationException:
            raise
        except EppException as failed:
            self._end()
            raise RegistryUnavailable(str(failed)) from None
        return self._judged(root, trid)

    def _ready(self) -> _Client:
        if self._client is not None and self._line.is_quiet():
            return self._client
        self._end()
        self._line = Line(self._access.address)  # A client closes its line when it is forgotten, whenever that is.
        self._line.until(self._deadline)
        config = Config(
            host=self._access.address.host,
            port=self._access.address.port,
            clid=self._access.registrar,
            password=self._access.password,
            ext_uris=[],
            login_security=False,
        )
        client = _Client(config, connection=self._line)
        client.throw_on_failure(False)
        client.trid = _new_trid()
        try:
            client.connect()
            client.login()
        except EppException as failed:
            self._line.close()
            code = getattr(failed, "epp_code", None)
            raise RegistryUnavailable(f"sign-in refused, epp_{code}" if code else str(failed)) from None
        self._client = client
        return client

    def _judged(self, root: Element, trid: str) -> Told:
        """The answer, when it is one, and the answer to this command."""
        try:
            told = reading.told(root)
        except reading.Unreadable:
            self._end()
            raise RegistryUnavailable("unreadable") from None
        if told.cltrid != trid:
            self._end()
            raise RegistryUnavailable("the answer to another command")
        if told.code in results.ENDS_SESSION or told.code == results.USE_ERROR:
            self._end()
        if not results.is_final(told.code):
            raise Answered(told)
        return told

    def _end(self) -> None:
        self._line.close()
        self._client = None


def _new_trid() -> str:
    return f"CS{uuid.uuid4().hex}"
