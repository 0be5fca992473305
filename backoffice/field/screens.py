"""Which screen a visit shows now: one step at a time, or what to do while there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backoffice.actors import Actor
from backoffice.cases import catalogue
from backoffice.cases.forms import ItemForm
from backoffice.cases.models import CaseState, Command, CommandState, ItemState, WorkItem
from backoffice.staff.models import User
from backoffice.trust.halves import Stage
from backoffice.visits import arriving, handshake
from backoffice.visits.models import Visit, VisitState
from backoffice.visits.offering import Window
from backoffice.visits.today import Planned

NUMBERS = {"check_in": 1, "meet": 2, "show_half": 3, "ran_out": 3, "enter_half": 4, "id_check": 5, "result": 6}
"""The steps of a visit, as the visitor counts them."""
STEPS = 6
SLOW = timedelta(seconds=10)
"""If the next step takes longer than this, the page says so."""
_HALVES = {Stage.VISITOR_SHOWS_B: "show_half", Stage.CUSTOMER_SAYS_A: "enter_half"}


@dataclass(frozen=True)
class Sent:
    """What became of the visitor's last step: `at` is when we had it, `waits` that its process has not heard of it."""

    at: datetime | None = None
    waits: bool = False

    @property
    def version(self) -> str:
        return f"{self.at.timestamp() if self.at else 0}-{self.waits}"


@dataclass(frozen=True)
class Screen:
    """`name` is that of its template: a step of `NUMBERS`, or early, late, moment, paused, over."""

    name: str
    planned: Planned
    sent: Sent
    slow: bool = False
    form: ItemForm | None = None
    half_b: str = ""

    @property
    def visit(self) -> Visit:
        return self.planned.visit

    @property
    def item(self) -> WorkItem | None:
        return self.planned.item

    @property
    def number(self) -> int:
        """Nought where the screen is no step."""
        return NUMBERS.get(self.name, 0)

    @property
    def window(self) -> str:
        """ "Thursday 26 November, 14:00 to 16:30", on the clock of the door."""
        return window_of(self.visit)

    @property
    def address(self) -> str:
        """On one line; empty once the visit is over or paused."""
        return ", ".join(self.planned.address.splitlines())

    @property
    def can_check_in_at(self) -> datetime | None:
        return self.visit.starts - arriving.TOLERANCE if self.visit.starts else None

    @property
    def birth_date(self) -> date | None:
        """What the document must say; only once both have proven who they are."""
        born = self.visit.case.customer.birth_date if self.name == "id_check" else ""
        return date.fromisoformat(born) if born else None

    @property
    def version(self) -> str:
        """Another one whenever the screen is no longer the right one; the same while somebody may be typing."""
        step = self.item.step if self.item else "none"
        step = step if self.number else "none"
        name = "id_check" if self.name == "result" else self.name
        return f"{name}-{step}-{self.visit.attempt}-{self.visit.handshakes}-{self.slow}"


def screen(
    planned: Planned,
    *,
    user: User,
    by: Actor,
    now: datetime,
    data: Mapping[str, str] | None = None,
    found: str = "",
) -> Screen:
    """The screen of this visit at `now`. `data` is what was typed, to be shown again with its errors; `found` is what
    the visitor says he found, before he sends it."""
    name = _name(planned, now=now, found=found)
    sent = last_sent(planned.visit, user=user)
    slow = name == "moment" and (sent.at or planned.visit.case.opened_at) < now - SLOW
    form = None
    if name in NUMBERS and planned.item is not None:
        form = catalogue.answering(planned.item).form_for(planned.item, by=by, data=data)
        _say_what_is_needed(form, name, found)
    half_b = handshake.half_b(planned.visit.case, visitor=user, now=now) or "" if name == "show_half" else ""
    return Screen(name, planned, sent, slow, form, half_b)


def _say_what_is_needed(form: ItemForm, name: str, found: str) -> None:
    """What the form leaves open, for it has other answers too, is needed on this screen; and has been checked."""
    needed = {"enter_half": ["half"], "result": ["portrait", "document", "valid_until", "last_signs"]}.get(name, [])
    if name == "result" and found != "match":
        return
    form.errors  # noqa: B018  checked before the words "optional" go, for they are checked in other words
    for field in needed:
        form.fields[field].required = True


def last_sent(visit: Visit, *, user: User) -> Sent:
    """When the visitor last sent a step of this visit, and whether it still waits for its process."""
    answered = WorkItem.objects.filter(case_id=visit.case_id, answered_by=user, state=ItemState.ANSWERED)
    at = answered.order_by("-answered_at").values_list("answered_at", flat=True).first()
    waits = Command.objects.filter(case_id=visit.case_id).exclude(state=CommandState.SENT).exists()
    return Sent(at, waits and at is not None)


def window_of(visit: Visit) -> str:
    """The agreed window in words, on the clock of the door; empty where nothing is agreed."""
    if visit.starts is None or visit.ends is None:
        return ""
    return Window(visit.starts, visit.ends).in_words(visit.case.customer.time_zone)


def _name(planned: Planned, *, now: datetime, found: str) -> str:
    visit, item = planned.visit, planned.item
    if not visit.is_ahead:
        return "over"
    if visit.case.state != CaseState.OPEN:
        return "paused"
    if visit.state == VisitState.AGREED and arriving.why_not_check_in(visit, now=now):
        return "early" if visit.starts and now < visit.starts else "late"
    if item is None:
        return "moment"
    if item.kind == "enter_half":
        return _HALVES.get(handshake.stage(visit.case, now=now), "ran_out")
    if item.kind == "id_check":
        return "result" if found in ("match", "mismatch", "refused") else "id_check"
    return {"check_in": "check_in", "meet_customer": "meet"}[item.kind]
