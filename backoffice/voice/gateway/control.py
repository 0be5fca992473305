"""The HTTP side of the gateway: one path for signed commands, one that says whether it is there."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Collection, Mapping

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Lifespan

from backoffice.voice.contract import (
    HEALTH,
    LONGEST_ID,
    LONGEST_TEXT,
    PATH,
    Ask,
    Capture,
    Command,
    Count,
    Counts,
    Dial,
    Find,
    Item,
    Look,
    Refusal,
    Say,
    State,
)
from backoffice.voice.gateway.gateway import Gateway
from backoffice.voice.signing import NotSigned, Verifier

log = logging.getLogger(__name__)
LARGEST = 16_000
"""Bytes of a command."""
_ID = re.compile(rf"[A-Za-z0-9-]{{1,{LONGEST_ID}}}")
"""Of a conversation: it is a part of the names of recordings."""
_COMMAND = msgspec.json.Decoder(Command)


class Control:
    """Serves `gateway`, once it is set. `counts` says what was refused, by a code; of that, nothing is played or
    dialled. `sip_refused` are the messages and connections that its transports did not take."""

    def __init__(self, *, secret: str) -> None:
        self.gateway: Gateway | None = None
        self.sip_refused: Mapping[str, int] = {}
        self.counts: Counter[str] = Counter()
        self._verifier = Verifier(secret)

    def app(self, lifespan: Lifespan[Starlette]) -> Starlette:
        """The ASGI application."""
        routes = [
            Route(PATH, self._command, methods=["POST"]),
            Route(HEALTH, self._health, methods=["GET"]),
        ]
        return Starlette(routes=routes, lifespan=lifespan)

    async def _command(self, request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return self._refused(413, "too_large")
        try:
            self._verifier.check(body, request.headers)
        except NotSigned as error:
            log.warning("a command was refused: %s", error)
            return self._refused(401, str(error))
        try:
            command = _COMMAND.decode(body)
        except (msgspec.MsgspecError, RecursionError):
            return self._refused(400, "unreadable")
        if not _is_sensible(command):
            return self._refused(400, "out_of_range")
        if self.gateway is None:
            return self._refused(503, "not_ready")
        if isinstance(command, Look):
            return _answer(self.gateway.look(command.conversation))
        if isinstance(command, Count):
            return _answer(self.gateway.counts(refused=self.counts, sip_refused=self.sip_refused))
        if isinstance(command, Find):
            return _answer(self.gateway.find(command.number, since=command.since, known=command.known))
        return _answer(await self.gateway.do(command))

    async def _health(self, _request: Request) -> Response:
        return Response(b'{"ok":true}', media_type="application/json")

    def _refused(self, status: int, code: str) -> Response:
        self.counts[code] += 1
        return Response(msgspec.json.encode(Refusal(code=code)), status, media_type="application/json")


async def _body(request: Request) -> bytes | None:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            return None
    return body


def _is_sensible(command: Command) -> bool:
    """Whether its ids, texts and times are in the ranges that make sense."""
    if not (0 < len(command.key) <= LONGEST_ID * 2 and _ID.fullmatch(command.conversation)):
        return False
    if isinstance(command, Find):
        return command.since.tzinfo is not None
    if isinstance(command, Dial):
        return 1 <= command.ring_for <= 120
    if isinstance(command, Say | Ask) and not 0 < len(command.text) <= LONGEST_TEXT:
        return False
    if isinstance(command, Ask):
        return 1 <= command.least <= command.most and 1 <= command.seconds <= 120 and 1 <= command.tries <= 5
    if isinstance(command, Capture):
        in_range = 5 <= command.seconds <= 120 and 1 <= command.tries <= 5
        return in_range and len(command.items) == len(set(command.items)) and _make_a_token(command.items)
    return True


def _make_a_token(items: Collection[Item]) -> bool:
    """Whether the provider can make one of these: of a whole card, or of the security code of a card that it has."""
    needed = {Item.CARD_NUMBER, Item.EXPIRY}
    return needed <= set(items) or set(items) == {Item.SECURITY_CODE}


def _answer(done: State | Counts | Refusal) -> Response:
    status = 200 if not isinstance(done, Refusal) else 404 if done.code == "unknown" else 409
    return Response(msgspec.json.encode(done), status, media_type="application/json")
