"""Registrars' sessions: TLS with client certificates, a greeting, and one answer to each command (RFC 5734)."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lxml import etree

from devstack.registry import answers, wire
from devstack.registry.answers import Answer, Message, Refuses
from devstack.registry.contacts import Contacts
from devstack.registry.domains import Domains
from devstack.registry.faults import Faults
from devstack.registry.store import Store
from devstack.registry.wire import OBJECTS, Malformed, Request

log = logging.getLogger(__name__)
IDLE = 600.0
"""Seconds after which a silent session ends."""
TRIES = 3
"""Sign-ins that one session may try."""
Heard = Callable[[str, bytes], None]
"""Told of every frame: "command" or "answer", and its content."""


class Registry:
    """What all sessions share. `passwords` are those of the registrars, by their ids."""

    def __init__(self, store: Store, passwords: dict[str, str]) -> None:
        self.store, self.passwords = store, passwords
        self._woken, self._lateness, self._late = threading.Event(), threading.Condition(), 0
        self.mutate: Callable[[bytes], bytes] = lambda content: content
        """What the fault "mutated" makes of an answer; set by tests in the same process."""
        self.done: Counter[str] = Counter()
        """How many commands that change something were done since the start, by their names: "domain:update"."""
        self.faults, self.domains, self.contacts = Faults(store), Domains(store), Contacts(store)

    def wait(self, seconds: float) -> None:
        """Does nothing for so long, or until the registry ends."""
        self._woken.wait(seconds)

    @contextmanager
    def late(self) -> Iterator[None]:
        """While a command is done that nobody waits for any more; `nothing_late` waits for its end."""
        with self._lateness:
            self._late += 1
        try:
            yield
        finally:
            with self._lateness:
                self._late -= 1
                self._lateness.notify_all()

    def nothing_late(self) -> None:
        """Returns when no such command is still to be done."""
        with self._lateness:
            self._lateness.wait_for(lambda: self._late == 0)

    def end(self) -> None:
        """Lets nobody wait any longer."""
        self._woken.set()

    def do(self, request: Request, registrar: str) -> Answer:
        """Within `store.together()`. Raises `Refuses`, and then nothing was changed."""
        if request.verb == "poll":
            return self._poll(request, registrar)
        room: Any = {"domain": self.domains, "contact": self.contacts}[request.kind]
        does = getattr(room, request.verb, None)
        if request.verb not in ("check", "info", "create", "update", "transfer") or does is None:
            raise Refuses(2101)
        found: Answer = does(request, registrar)
        if request.verb in ("create", "update", "transfer"):
            self.done[f"{request.verb}:{request.op}" if request.op else f"{request.kind}:{request.verb}"] += 1
        return found

    def _poll(self, request: Request, registrar: str) -> Answer:
        if request.op == "ack":
            number = request.body.get("msgID") or ""
            if not number.isdigit() or not self.store.take_away(registrar, int(number)):
                raise Refuses(2303)
            left, _first = self.store.first_message(registrar)
            return Answer(1000, message=Message(left, number)) if left else Answer(1000)
        if request.op != "req":
            raise Refuses(2102)
        count, first = self.store.first_message(registrar)
        if first is None:
            return Answer(1300)
        content = self.store.content_of(first)
        data = answers.transfer_data(content) if content else None
        return Answer(1301, data, Message(count, str(first["number"]), first["at"], first["text"]))


class Session:
    """One connection, from greeting to end."""

    def __init__(self, registry: Registry, connection: socket.socket, heard: Heard) -> None:
        self._registry, self._connection, self._heard = registry, connection, heard
        self._registrar, self._refused = "", 0
        self._fault: dict[str, Any] = {}

    def run(self) -> None:
        """Until either side ends it."""
        self._send(answers.greeting(self._registry.store.now()))
        while (content := wire.read(self._connection)) is not None:
            self._heard("command", content)
            if not self.answer(content):
                return

    def answer(self, content: bytes) -> bool:
        """Does what a frame asks for, and answers it. Whether the session goes on."""
        try:
            request = wire.parse(content)
        except Malformed as wrong:
            self._send(answers.response(Answer(wrong.code), wrong.cltrid))
            return True
        return self._answered(request)

    def _answered(self, request: Request) -> bool:
        """Whether the session goes on."""
        with self._registry.store.together():
            self._fault = self._registry.faults.take(request.names) or {}
        kind = self._fault.get("kind", "")
        if kind == "drop_before":
            return False
        if kind == "late":
            with self._registry.late():
                self._registry.wait(self._fault["seconds"])
                return self._tell(kind, self._do(request), request)
        if request.verb == "hello":
            self._send(answers.greeting(self._registry.store.now()))
            return True
        answer = Answer(int(kind)) if kind.isdigit() and not self._fault["acts"] else self._do(request)
        if kind.isdigit():
            answer = Answer(int(kind))
        return self._tell(kind, answer, request) and answer.code not in answers.CLOSES

    def _do(self, request: Request) -> Answer:
        if request.verb == "login":
            return self._sign_in(request)
        if request.verb == "logout" and self._registrar:
            return Answer(1500)
        if not self._registrar:
            return Answer(2002)
        try:
            with self._registry.store.together():
                self._let_others_act(request)
                self._registry.domains.let_time_pass()
            with self._registry.store.together():
                return self._registry.do(request, self._registrar)
        except Refuses as refused:
            return Answer(refused.code)

    def _let_others_act(self, request: Request) -> None:
        found = self._registry.store.domain(request.text("name")) if request.kind == "domain" else None
        if found and self._fault.get("kind") == "asked_for":
            self._registry.domains.ask_for(found, self._fault["by"])
        if found and self._fault.get("kind") == "taken":
            self._registry.domains.take(found, self._fault["by"])

    def _sign_in(self, request: Request) -> Answer:
        if self._registrar:
            return Answer(2002)
        space = f"{{{wire.EPP}}}"
        registrar, password = request.text("clID"), request.body.findtext(f"{space}pw") or ""
        if not password or self._registry.passwords.get(registrar) != password:
            self._refused += 1
            return Answer(2200 if self._refused < TRIES else 2501)
        if {uri.text for uri in request.body.iterfind(f"{space}svcs/{space}objURI")} - set(OBJECTS):
            return Answer(2307)
        self._registrar = registrar
        return Answer(1000)

    def _tell(self, kind: str, answer: Answer, request: Request) -> bool:
        """Sends the answer, or what a fault makes of it. Whether the session goes on."""
        content = answers.response(answer, "SOMEBODY-ELSE" if kind == "stranger" else request.cltrid)
        if kind == "slow":
            self._registry.wait(self._fault["seconds"])
        elif kind == "drop":
            return False
        elif kind == "garbage":
            content = b"<<< this is no XML"
        elif kind == "undecodable":
            content = content.replace(b"</epp:msg>", b" caf\xe9</epp:msg>")
        elif kind == "deep":
            content = b"<epp xmlns='" + wire.EPP.encode() + b"'>" + b"<a>" * 4000 + b"</a>" * 4000 + b"</epp>"
        elif kind == "mutated":
            content = self._registry.mutate(content)
        elif kind in _OFF:
            self._connection.sendall(wire.framed(content, off=_OFF[kind]))
            return True
        self._send(content, wrong=kind in ("garbage", "undecodable", "deep", "mutated"))
        return True

    def _send(self, content: bytes, *, wrong: bool = False) -> None:
        if not wrong:
            self._heard("answer", content)
        self._connection.sendall(wire.framed(content))


_OFF = {"short": -40, "long": 44, "huge": 0xFFFF_0000}


class Listener:
    """Takes connections on loopback, each in a thread. `port` 0 takes a free one."""

    def __init__(self, registry: Registry, context: ssl.SSLContext, *, port: int, heard: Heard) -> None:
        self._registry, self._context, self._heard = registry, context, heard
        self._socket = socket.create_server(("127.0.0.1", port), backlog=64)
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._take, name="registry", daemon=True).start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _take(self) -> None:
        while True:
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), name="session", daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        plain.settimeout(IDLE)
        try:
            with plain, self._context.wrap_socket(plain, server_side=True) as connection:
                Session(self._registry, connection, self._heard).run()
        except (OSError, etree.XMLSyntaxError) as ended:
            log.info("a session ended: %s", type(ended).__name__)
