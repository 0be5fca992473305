"""Which call comes next: one that was not wrapped up, then the call-backs that are due, then those that wait; and those
whose customers may ring us meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import ExpressionWrapper, F, QuerySet
from django.db.models.fields import DateTimeField
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.calls.back.models import CallBack, CallBackState
from backoffice.calls.back.preparing import KINDS
from backoffice.calls.back.records import matter_of, sheet_of
from backoffice.cases import keeping_from, worklist
from backoffice.cases.catalogue import DeskWork
from backoffice.cases.models import Case, CaseState, WorkItem
from backoffice.staff.models import User
from backoffice.telephony import budget
from backoffice.telephony.models import Call
from backoffice.trust.models import Direction
from backoffice.ui.times import relative

MOST = 10
A_WHILE = timedelta(minutes=15)
"""An open call that nobody wrapped up is late after so long, as the wrap-up of a call is."""


@dataclass(frozen=True)
class NextCall:
    """A call-back that this agent may make. `is_due` means that its window has begun; `why_not` says until when the
    customer may not be called, and why."""

    call_back: CallBack
    item: WorkItem
    why: str
    is_due: bool
    why_not: str

    @property
    def reference(self) -> str:
        return self.call_back.case.reference


def next_calls(by: Actor, user: User, now: datetime) -> Sequence[NextCall]:
    """What this agent holds or may take, those in their windows first. `now` is aware."""
    held, free = worklist.mine(user=user), worklist.of_my_roles(by=by)
    items = {item.case_id: item for item in (*_calls_in(held), *_calls_in(free))}
    found = CallBack.objects.filter(case_id__in=items).select_related("case__customer", "about", "call")
    calls = [_next(one, items[one.case_id], now) for one in found]
    return sorted(calls, key=lambda one: (bool(one.why_not), not one.is_due, one.item.due_at or now, one.reference))[
        :MOST
    ]


def of_case(case: Case, by: Actor, user: User, now: datetime) -> NextCall | None:
    """The call-back of this case; None where this person cannot make it now."""
    return next((one for one in next_calls(by, user, now) if one.reference == case.reference), None)


def places_kept(*, user: User, now: datetime) -> Sequence[CallBack]:
    """The call-backs whose customers said that they ring us to be sure, those that end first; none that this agent is
    kept from."""
    seen = CallBack.objects.filter(keeping_from.visible(user, case="case"))
    kept = seen.filter(state=CallBackState.RING_BACK, place_kept_until__gt=now, case__state=CaseState.OPEN)
    return list(kept.select_related("case__customer").order_by("place_kept_until")[:MOST])


def unwrapped(user: User) -> Call | None:
    """The agent's telephone call of which nobody wrote down what came of it; they have at most one."""
    return Call.objects.filter(agent=user, wrapped_at=None).select_related("contact", "customer").first()


def work(by: Actor, user: User, now: datetime) -> Sequence[DeskWork]:
    """The open call of this agent, as the first row of their worklist, whatever page they left it on."""
    call = unwrapped(user)
    return [] if call is None else [_row(call, now)]


def news() -> QuerySet[Call]:
    """What `work` depends on, as `catalogue.Pages.desk_news` asks for it."""
    late = ExpressionWrapper(F("announced_at") + A_WHILE, output_field=DateTimeField())
    calls = Call.objects.filter(wrapped_at=None).exclude(agent=None).order_by("announced_at", "id")
    return calls.annotate(row=F("id"), changes_at=late, taken_by=Coalesce("agent_id", 0))[: MOST * MOST]


def _row(call: Call, now: datetime) -> DeskWork:
    going_on = call.ended_at is None
    since = {"when": relative(call.announced_at, now), "state": call.get_state_display()}
    way = _("a call to us") if call.direction == Direction.IN else _("a call from us")
    return DeskWork(
        id=str(call.id),
        what=_("Go back to your call") if going_on else _("Wrap up your call"),
        reference=call.case_reference or call.contact.reference,
        who=way,
        why=_("began %(when)s; %(state)s") % since,
        due_at=call.announced_at,
        address=reverse("admin:phone_authorisation:line", args=[call.contact.reference]),
        is_mine=True,
        is_first=True,
    )


def _next(call_back: CallBack, item: WorkItem, now: datetime) -> NextCall:
    wait = budget.wait(
        customer=call_back.case.customer,
        matter=matter_of(call_back),
        now=now,
        asked_by_customer=call_back.asked_by_customer,
        besides=call_back.call_id,
    )
    why_not = wait.sentence() if wait else ""
    return NextCall(call_back, item, str(sheet_of(call_back).why), _is_due(call_back, now), why_not)


def _calls_in(items: QuerySet[WorkItem]) -> QuerySet[WorkItem]:
    return items.filter(kind__in=KINDS, case__process="call_back").select_related("case")


def _is_due(call_back: CallBack, now: datetime) -> bool:
    return call_back.starts is None or call_back.starts <= now
