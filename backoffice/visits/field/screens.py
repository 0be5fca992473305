"""Which screen a visit shows now: one step at a time, or what to do when there is no step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backoffice.actors import Actor
from backoffice.cases.forms import ItemForm
from backoffice.cases.models import CaseState, WorkItem
from backoffice.staff.models import User
from backoffice.trust.mutual_codes import Stage
from backoffice.ui.field import Sent, last_sent
from backoffice.ui.forms import form_of
from backoffice.visits import arriving, handshake
from backoffice.visits.models import Visit, VisitState
from backoffice.visits.today import Planned

NUMBERS = {"check_in": 1, "meet": 2, "show_half": 3, "ran_out": 3, "enter_half": 4, "id_check": 5, "result": 6}
"""The steps of a visit, as the visitor counts them."""
STEPS = 6
SLOW = timedelta(seconds=10)
"""If the next step takes longer than this, the page says so."""
_HALVES = {Stage.AGENT_SHOWS_B: "show_half", Stage.CUSTOMER_SAYS_A: "enter_half"}


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
        """0 when the screen is no step."""
        return NUMBERS.get(self.name, 0)

    @property
    def window(self) -> str:
        """ "Thursday 26 November, 14:00 to 16:30", on the clock of the door."""
        return self.visit.window_in_words

    @property
    def address(self) -> str:
        """On one line; empty once the visit is over or paused."""
        return ", ".join(self.planned.address.splitlines())

    @property
    def route(self) -> str:
        """The way to the door; empty once the visit is over or paused."""
        return self.planned.route

    @property
    def can_check_in_at(self) -> datetime | None:
        return self.visit.starts - arriving.TOLERANCE if self.visit.starts else None

    @property
    def birth_date(self) -> date | None:
        """The birth date that the document must show; only once both have proven who they are."""
        born = self.visit.case.customer.birth_date if self.name == "id_check" else ""
        return date.fromisoformat(born) if born else None

    @property
    def has_new_digits(self) -> bool:
        """Whether another pair of halves can be made when the ten minutes of this one ran out."""
        return self.visit.handshakes < handshake.MOST_PAIRS

    @property
    def version(self) -> str:
        """Changes whenever the screen is no longer the right one, and stays the same while somebody may be typing."""
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
    """The screen of this visit at `now`. `data` is what was typed, to show it again with its errors. `found` is the
    result that the visitor has chosen, before they send it."""
    name = _name(planned, now=now, found=found)
    sent = last_sent(planned.visit.case, user=user)
    slow = name == "moment" and (sent.at or planned.visit.case.opened_at) < now - SLOW
    form = None
    if name in NUMBERS and planned.item is not None:
        form = form_of(planned.item, by=by, data=data)
        _say_what_is_needed(form, name, found)
    half_b = handshake.half_b(planned.visit.case, visitor=user, now=now) or "" if name == "show_half" else ""
    return Screen(name, planned, sent, slow, form, half_b)


def _say_what_is_needed(form: ItemForm, name: str, found: str) -> None:
    """Some fields are optional in the form, because it also takes other answers, but must be filled in on this
    screen."""
    needed = {"enter_half": ["half"], "result": ["portrait", "document", "valid_until", "last_signs"]}.get(name, [])
    if name == "result" and found != "match":
        return
    form.full_clean()  # First: the form says in words of its own what is missing.
    for field in needed:
        form.fields[field].required = True


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
