"""A case's timeline on its page: each event with its sentence, who, through which channel and with what proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.actors import ActorKind
from backoffice.cases import sentences
from backoffice.cases.models import Case, Event
from backoffice.staff.models import User
from backoffice.ui import paging
from backoffice.ui.paging import Page

SHOWN = 50
PEOPLE = (ActorKind.STAFF.value, ActorKind.CUSTOMER.value)
FILTERS: dict[str, str | Promise] = {
    "all": gettext_lazy("all"),
    "people": gettext_lazy("people"),
    "system": gettext_lazy("system"),
}
PROOFS: dict[str, str | Promise] = {
    "totp": gettext_lazy("a code of the authenticator"),
    "webauthn": gettext_lazy("a passkey"),
    "password": gettext_lazy("the password"),
    "recovery_codes": gettext_lazy("a recovery code"),
    "phone_code": gettext_lazy("a code to the telephone"),
    "demonstration": gettext_lazy("one press (demonstration)"),
}
CHANNELS: dict[str, str | Promise] = {
    "desk": gettext_lazy("desk"),
    "portal": gettext_lazy("portal"),
    "field": gettext_lazy("field"),
    "api": gettext_lazy("API"),
    "command_line": gettext_lazy("command line"),
    "mail_link": gettext_lazy("link in a mail"),
}
TONES = {
    "case.attention": "attention",
    "case.frozen": "attention",
    "item.escalated": "attention",
    "item.expired": "attention",
    "case.closed": "done",
    "item.answered": "done",
    "item.answered_by_customer": "done",
}


@dataclass(frozen=True)
class Line:
    """`at` is aware UTC; `who`, `channel` and `proof` are in words."""

    number: int
    at: datetime
    sentence: str
    who: str
    channel: str
    proof: str
    tone: str


def events_of(case: Case, *, show: str, after: str) -> Page[Event]:
    """The newest fifty that the filter lets through, or those after the cursor of a page."""
    events = Event.objects.filter(case=case)
    if show == "people":
        events = events.filter(actor_kind__in=PEOPLE)
    elif show == "system":
        events = events.exclude(actor_kind__in=PEOPLE)
    return paging.page_of(events, order=("-number",), after=after, size=SHOWN)


def lines_of(page: Page[Event]) -> list[Line]:
    names = names_of({event.actor_id for event in page.rows if event.actor_kind == ActorKind.STAFF})
    return [_line(event, names) for event in page.rows]


def _line(event: Event, names: Mapping[str, str]) -> Line:
    data = {name: value.replace("_", " ") if name == "template" else value for name, value in event.data.items()}
    sentence = sentences.for_staff(event.kind, data)
    return Line(
        number=event.number,
        at=event.at,
        sentence=f"{sentence} “{event.reason}”" if event.reason else sentence,
        who=_who(event, names),
        channel=str(CHANNELS.get(event.channel, "")),
        proof=proof_words(event.proof),
        tone=TONES.get(event.kind, ""),
    )


def _who(event: Event, names: Mapping[str, str]) -> str:
    if event.actor_kind == ActorKind.STAFF:
        return names.get(event.actor_id, _("a colleague"))
    if event.actor_kind == ActorKind.CUSTOMER:
        return _("the customer")
    return _("the process") if event.actor_kind == ActorKind.SYSTEM else _("an outside system")


def names_of(ids: set[str]) -> dict[str, str]:
    """Names of staff by their opaque ids."""
    people = User.objects.filter(public_id__in=ids) if ids else []
    return {str(user.public_id): user.get_full_name() or user.get_username() for user in people}


def proof_words(proof: str) -> str:
    return str(PROOFS.get(proof, proof.replace("_", " ")))
