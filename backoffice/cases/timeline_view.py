"""The timeline for its readers: one line for each event that they may see, in their language. All faces show this.

Events hold codes; the sentences come from the process of the event's case (`words.py`, `sentences.py`).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import CALLER_CODE, ActorKind, Channel
from backoffice.cases import sentences, words
from backoffice.cases.models import Case, Event
from backoffice.messages import catalogue as messages
from backoffice.staff.models import User

PROOFS: Mapping[str, str | Promise] = {
    "totp": _("a code of the authenticator"),
    "webauthn": _("a passkey"),
    "password": _("the password"),
    "recovery_codes": _("a recovery code"),
    "phone_code": _("a code to the telephone"),
    "keyed_code": _("a code that the customer keyed in"),
    "token": _("an access token"),
    "enrolment_code": _("the code of the invitation"),
    CALLER_CODE: _("a code that the caller read out"),
    "demonstration": _("one press (demonstration)"),
}
CHANNELS: Mapping[str, str | Promise] = {
    Channel.DESK: _("desk"),
    Channel.PORTAL: _("portal"),
    Channel.FIELD: _("field"),
    Channel.API: _("API"),
    Channel.COMMAND_LINE: _("command line"),
    Channel.MAIL_LINK: _("link in a mail"),
    Channel.TELEPHONE: _("keys of a telephone"),
}
NAMED_OUTSIDE: list[Callable[[set[str]], Mapping[str, str]]] = []
"""Each gives names of people and machines outside the company, by their opaque ids; apps add theirs as they start."""
TONES = {
    "case.attention": "attention",
    "case.frozen": "attention",
    "item.escalated": "attention",
    "item.expired": "attention",
    "case.closed": "done",
    "item.answered": "done",
    "item.answered_by_customer": "done",
}


OF_A_FAMILY = frozenset({"case.opened", "case.closed", "case.frozen", "case.unfrozen", "case.withdraw_requested"})
"""What happens to a case and to those under it at once."""


class Reader(Enum):
    STAFF = "staff"
    CUSTOMER = "customer"


@dataclass(frozen=True)
class Line:
    """`at` is aware UTC. `who`, `channel` and `proof` are in words, and empty for a customer; `tone` is one of done,
    attention and empty."""

    case: Case
    number: int
    at: datetime
    sentence: str
    who: str = ""
    channel: str = ""
    proof: str = ""
    tone: str = ""


def lines(events: Iterable[Event], cases: Iterable[Case], *, reader: Reader) -> list[Line]:
    """The lines of these events, in the same order. `cases` are the cases that they belong to: one, or a family."""
    by_id = {case.id: case for case in cases}
    if reader is Reader.CUSTOMER:
        return list(_for_customer(events, by_id))
    found = list(events)
    names = _names_of(_ids(found, ActorKind.STAFF))
    outside = _ids(found, ActorKind.OUTSIDE)
    for of in NAMED_OUTSIDE if outside else ():
        names |= of(outside)
    return [_for_staff(event, by_id[event.case_id], names) for event in found]


def sentence_for_staff(event: Event, process: str) -> str:
    """What happened, and why: the reason that a person typed, or the words of a code."""
    said = sentences.for_staff(event.kind, words.of_event(process, event.kind, event.data))
    return f"{said} “{words.of_reason(process, event.reason)}”" if event.reason else said


def proof_words(proof: str) -> str:
    return str(PROOFS.get(proof, proof.replace("_", " ")))


def _for_staff(event: Event, case: Case, names: Mapping[str, str]) -> Line:
    return Line(
        case,
        event.number,
        event.at,
        sentence_for_staff(event, case.process),
        _who(event, names),
        str(CHANNELS.get(event.channel, "")),
        proof_words(event.proof),
        TONES.get(event.kind, ""),
    )


def _for_customer(events: Iterable[Event], cases: Mapping[uuid.UUID, Case]) -> Iterator[Line]:
    """What customers may see. They see a family as one case, so what is said of it as a whole is said once."""
    for event in events:
        case = cases[event.case_id]
        said = sentences.for_customer(event.kind, words.of_event(case.process, event.kind, event.data))
        below = case.parent_id in cases
        if said is None or (below and event.kind in OF_A_FAMILY) or _is_not_theirs(event, case):
            continue
        sentence = " ".join(part for part in (said, _particulars(event, case)) if part)
        yield Line(case, event.number, event.at, sentence, tone="done" if event.kind == "case.closed" else "")


def _is_not_theirs(event: Event, case: Case) -> bool:
    """Whether the time ran out for a step of somebody else's."""
    return event.kind == "item.expired" and not words.customer_title_of(case.process, event.data)


def _particulars(event: Event, case: Case) -> str:
    """What a message said, or what was answered; the event's own sentence is the same for all of its kind."""
    if event.kind == "case.told":
        return messages.kind_of(event.data.get("template", "")).about
    if event.kind in ("item.answered_by_customer", "item.expired"):
        title = words.customer_title_of(case.process, event.data)
        return f"({title})" if title else ""
    return ""


def _who(event: Event, names: Mapping[str, str]) -> str:
    if event.actor_kind == ActorKind.STAFF:
        return names.get(event.actor_id, _t("a colleague"))
    if event.actor_kind == ActorKind.CUSTOMER:
        return _t("the customer")
    if event.actor_kind == ActorKind.SYSTEM:
        return _t("the process")
    return names.get(event.actor_id, _t("an outside system"))


def _ids(events: Iterable[Event], kind: ActorKind) -> set[str]:
    return {event.actor_id for event in events if event.actor_kind == kind}


def _names_of(ids: set[str]) -> dict[str, str]:
    """Names of staff by their opaque ids."""
    people = User.objects.filter(public_id__in=ids) if ids else []
    return {str(user.public_id): user.get_full_name() or user.get_username() for user in people}
