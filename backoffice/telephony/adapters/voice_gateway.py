"""Calls through our own voice gateway, and what it reports of them (`backoffice.voice.contract`).

The id of a call of ours is the id of its conversation there, so nothing of it is ever made twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

import msgspec
import structlog
import urllib3

from backoffice.telephony.ports import Line, NoAnswer, NotSent, ProviderRefused, Reported
from backoffice.voice.contract import (
    INCOMING,
    PATH,
    Answered,
    Captured,
    CleanWindow,
    Command,
    Count,
    Counts,
    Dial,
    Event,
    Find,
    HangUp,
    Left,
    Look,
    Refusal,
    Ringing,
    Role,
    State,
    Telephone,
    TelephoneState,
    Why,
)
from backoffice.voice.signing import signed

AnswerT = TypeVar("AnswerT", State, Counts)
log = structlog.get_logger(__name__)
RINGS_FOR = 30.0
"""Seconds until nobody has answered."""
NOT_NOW = frozenset({"no_ports", "too_many", "not_ready"})
"""Refusals that pass by themselves, and nothing was done."""
_NEVER_AGAIN = urllib3.Retry(total=False, redirect=False)
_NOT_ANSWERED: Mapping[Why, Reported] = {Why.BUSY: Reported.BUSY, Why.NO_ANSWER: Reported.NO_ANSWER}


class UnreadableEvent(ValueError):
    """It is signed, but is no event that we can read."""


class GatewayClient:
    """Asks the gateway's control API at `url`. Safe to share between threads; times are seconds."""

    def __init__(self, *, url: str, secret: str, connect: float = 2, read: float = 8) -> None:
        self._address = url.rstrip("/") + PATH
        self._secret = secret
        self._pool = urllib3.PoolManager(maxsize=16, timeout=urllib3.Timeout(connect=connect, read=read))

    def ask(self, command: Command) -> State:
        """The state after the command was done. Raises `NotSent`, `NoAnswer`, and `ProviderRefused` with its code."""
        return self._ask(command, State)

    def count(self) -> Counts:
        """How the gateway does. Raises as `ask` does."""
        return self._ask(Count(key="count", conversation="count"), Counts)

    def _ask(self, command: Command, answers: type[AnswerT]) -> AnswerT:
        body = msgspec.json.encode(command)
        headers = signed(body, secret=self._secret, id=f"cmd_{uuid.uuid4().hex}")
        try:
            answer = self._pool.request(
                "POST", self._address, body=body, headers=headers, retries=_NEVER_AGAIN, redirect=False
            )
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError):
            raise NotSent("no_connection") from None
        except urllib3.exceptions.SSLError:
            raise NotSent("tls") from None
        except urllib3.exceptions.HTTPError:
            raise NoAnswer("connection_broken") from None
        return _read(answer.status, answer.data, answers)


@lru_cache(maxsize=4)
def client(url: str, secret: str) -> GatewayClient:
    """One for each gateway and OS process."""
    return GatewayClient(url=url, secret=secret)


class VoiceGatewayTelephony:
    """`ports.Telephony` on the gateway. Whoever answers is put through to the number `desk`."""

    def __init__(self, client: GatewayClient, *, desk: str) -> None:
        self._ask = client.ask
        self._desk = desk

    def place(self, *, number: str, key: str) -> Line:
        """See `Telephony.place`."""
        dial = Dial(
            key=f"{key}:dial",
            conversation=key,
            role=Role.CUSTOMER,
            number=number,
            ring_for=RINGS_FOR,
            then=self._desk,
        )
        return _line(self._ask(dial))

    def find(self, *, number: str, since: datetime, known: frozenset[str]) -> Line | None:
        """See `Telephony.find`."""
        return self._look(Find(key="find", conversation="find", number=number, since=since, known=tuple(sorted(known))))

    def look(self, *, provider_id: str) -> Line | None:
        """See `Telephony.look`. A gateway that was started anew knows nothing of earlier calls: they are over."""
        return self._look(Look(key="look", conversation=provider_id))

    def hang_up(self, *, provider_id: str) -> None:
        """See `Telephony.hang_up`."""
        self._look(HangUp(key=f"{provider_id}:hang_up:{uuid.uuid4().hex[:8]}", conversation=provider_id))

    def _look(self, command: Command) -> Line | None:
        """None where there is no such call."""
        try:
            return _line(self._ask(command))
        except ProviderRefused as refused:
            if str(refused) == "unknown":
                return None
            raise NoAnswer(str(refused)) from None


def _read(status: int, body: bytes, answers: type[AnswerT]) -> AnswerT:
    try:
        if status == 200:
            return msgspec.json.decode(body, type=answers)
        code = msgspec.json.decode(body, type=Refusal).code
    except msgspec.MsgspecError:
        raise NoAnswer("unreadable_answer") from None
    if status == 401:
        log.error("the voice gateway does not accept our signature", why=code)
        raise ProviderRefused("not_accepted")
    if code in NOT_NOW:
        raise NotSent(code)
    if status in (404, 409):
        raise ProviderRefused(code)
    raise NoAnswer(code)


def _line(state: State) -> Line:
    """The customer's side of a conversation, as a call."""
    customer = next((one for one in state.telephones if one.role is Role.CUSTOMER), None)
    if customer is None:
        raise NoAnswer("nobody_dialled")
    return Line(state.conversation, _status(customer))


def _status(telephone: Telephone) -> Reported:
    match telephone.state:
        case TelephoneState.CALLING:
            return Reported.QUEUED
        case TelephoneState.RINGING:
            return Reported.RINGING
        case TelephoneState.UP:
            return Reported.ANSWERED
    return _over(telephone.answered, telephone.why)


def _over(answered: bool, why: Why | None) -> Reported:
    if answered:
        return Reported.COMPLETED
    return _NOT_ANSWERED.get(why, Reported.FAILED) if why is not None else Reported.FAILED


def read_event(body: bytes) -> Event:
    """What the gateway tells, in the ranges of the contract, with a proof that can be read; whether it is signed was
    asked before. Raises `UnreadableEvent`."""
    try:
        event = msgspec.json.decode(body, type=Event)
        if isinstance(event.what, Captured) and event.what.proof is not None:
            msgspec.json.decode(event.what.proof.window, type=CleanWindow)
    except (msgspec.MsgspecError, RecursionError):
        raise UnreadableEvent("unreadable") from None
    return event


def line_in(event: Event) -> Line | None:
    """The customer's line of a call of ours; its id is also our key of the call. None for what says nothing of it."""
    what = event.what
    if event.conversation.startswith(INCOMING):
        return None
    if not isinstance(what, Ringing | Answered | Left) or what.role is not Role.CUSTOMER:
        return None
    if isinstance(what, Left):
        return Line(event.conversation, _over(what.answered, what.why))
    return Line(event.conversation, Reported.RINGING if isinstance(what, Ringing) else Reported.ANSWERED)
