"""Drives call-backs on a running stack by the rule functions, with the provider's simulator, and holds the workers at
chosen moments of them; runs in a process of its own (see `inside`)."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from django.conf import settings
from django.db.models import F
from django.http import HttpResponse

from backoffice.actors import Actor
from backoffice.calls.back import dialling, preparing, staffing, talking, wrapping_up
from backoffice.calls.back.models import CallBack
from backoffice.cases import answering
from backoffice.cases.models import Case, CaseState, ItemState, WorkItem
from backoffice.cases.opening import open_case
from backoffice.cases.windows import Window
from backoffice.customers.models import ContactKind
from backoffice.staff.models import Role
from backoffice.telephony import states
from backoffice.telephony.live import watching
from backoffice.telephony.models import Call, CallState
from backoffice.telephony.placing import GIVE_UP_AFTER
from tests.factories import actor, make_customer, make_staff
from tests.faults.driving import in_the_day, until
from tests.faults.holding import hold_rows, let_all_go, let_go
from tests.playing import customer_actor
from workflows.call_back.spec import PERIODS

_BEFORE_THE_RECORD = """
    SELECT 1 FROM telephony_call WHERE id = (SELECT call_id FROM calls_callback WHERE case_id = %s) FOR UPDATE
"""
_SESSION = "session"
_agents: dict[str, Actor] = {}
"""Who calls in a case: another one in each, because nobody makes two calls at once."""


def opened() -> str:
    """A call-back of which its customer chose the time half an hour ago: it is now. Gives the case's id."""
    customer, agent = make_customer(time_zone=in_the_day()), actor(make_staff(role=Role.SUPPORT))
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    window, asked_at = Window(now, now + PERIODS.window), now - PERIODS.preparation - timedelta(minutes=1)
    staffing.make_room(Role.SUPPORT, window.starts, by=agent, now=asked_at)
    number = customer.contact_points.get(kind=ContactKind.PHONE, superseded_at=None)
    case, _new = open_case(
        process="call_back",
        customer=customer,
        by=customer_actor(customer),
        key=str(uuid.uuid4()),
        content={"what": "topic:other", "number": str(number.pk), "window": window.key},
        now=asked_at,
    )
    _agents[str(case.id)] = agent
    return str(case.id)


def prepare(*, case_id: str) -> None:
    """The agent opens the sheet, once the process asks for the call."""
    asked = WorkItem.objects.filter(case_id=case_id, kind__in=preparing.KINDS, state=ItemState.OPEN)
    until(asked.exists, "no call asked for", case_id, 60)
    preparing.open_sheet(case_id=uuid.UUID(case_id), by=_agents[case_id])


def dial(*, case_id: str) -> None:
    dialling.dial(case_id=uuid.UUID(case_id), by=_agents[case_id])


def press(*, case_id: str, to: str) -> None:
    """The agent says how far it is."""
    talking.press(case_id=uuid.UUID(case_id), to=CallState(to), by=_agents[case_id])


def stays_on(*, case_id: str) -> None:
    """The agent's console says that the call goes on."""
    states.still_on(call_id=_call(case_id).pk, by=_agents[case_id], now=datetime.now(UTC))


def wrap_up(*, case_id: str, outcome: str) -> None:
    data = {"outcome": outcome, "text": "What was said, and what was agreed."}
    wrapping_up.wrap_up(case_id=uuid.UUID(case_id), by=_agents[case_id], data=data)


def nobody_can_call(*, case_id: str) -> None:
    """A supervisor is asked to find somebody for another try, and does not."""
    asked = WorkItem.objects.filter(case_id=case_id, kind="find_time", state=ItemState.OPEN)
    until(asked.exists, "no time asked for", case_id, 60)
    supervisor = actor(make_staff(role=Role.SUPERVISOR))
    answering.answer(item_id=asked.get().id, by=supervisor, data={"how": "nobody"})


def ends(*, case_id: str, seconds: float = 90) -> None:
    until(lambda: Case.objects.get(id=case_id).state == CaseState.CLOSED, "not closed", case_id, seconds)


# --- the moments ------------------------------------------------------------------------------------------------------


def hold(*, case_id: str, before: str) -> None:
    """Nobody can go on with the call `before` the "record" of what the provider answers, until `let_go`."""
    hold_rows(_BEFORE_THE_RECORD, case_id, case_id=case_id, before=before)


def is_requested(*, case_id: str) -> None:
    """Until it is written that the provider is asked."""
    until(lambda: _call(case_id).requested_at is not None, "not requested", case_id, 60)


def is_made(*, case_id: str) -> None:
    """Until the provider has the call."""
    until(lambda: at_provider(case_id=case_id) != [], "not made there", case_id, 30)


def is_at_provider(*, case_id: str, status: str) -> None:
    """Until all of the case's calls are so far there."""
    until(lambda: set(at_provider(case_id=case_id)) == {status}, f"not {status} there", case_id, 30)


def is_closed(*, case_id: str) -> None:
    """Until our records say that no line is open."""
    until(lambda: _call(case_id).line_closed_at is not None, "line not closed", case_id, 30)


def reaches(*, case_id: str, state: str) -> None:
    """Until our record of the call is so far, or beyond."""
    until(lambda: state in _call(case_id).times, f"not {state}", case_id, 60)


def a_minute_passes(*, case_id: str) -> None:
    """Since the provider was asked."""
    earlier = F("requested_at") - GIVE_UP_AFTER - timedelta(seconds=1)
    Call.objects.filter(pk=_call(case_id).pk).update(requested_at=earlier)


def faults(**wanted: Any) -> None:
    """Switches faults of the provider on."""
    _provider("POST", "faults", wanted)


def fault_is_used_up(*, name: str) -> None:
    deadline = time.monotonic() + 30
    while name in _provider("GET", "state")["faults"]:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name} did not strike")
        time.sleep(0.02)


def phone(*, case_id: str, step: str) -> None:
    """The customer does this with the telephone."""
    _provider("POST", f"calls/{_number(case_id)}/{step}")


# --- what became of it ------------------------------------------------------------------------------------------------


def stands(*, case_id: str) -> tuple[bool, bool, int]:
    """Whether it is written that the provider is asked, whether we know its call, and how many calls it has."""
    call = _call(case_id)
    return call.requested_at is not None, call.provider_id is not None, len(at_provider(case_id=case_id))


def at_provider(*, case_id: str) -> list[str]:
    """The status of each call to the customer, in the provider's books."""
    found = _provider("GET", "calls", to=_number(case_id))["calls"]
    return [call["status"] for call in found]


def reached(*, case_id: str) -> list[list[str]]:
    """The states of each call of the case, in their order."""
    calls = Call.objects.filter(case_id=case_id).order_by("announced_at")
    return [sorted(call.times, key=lambda state: str(call.times[state])) for call in calls]


def ticket(*, case_id: str) -> dict[str, str]:
    """The cookies of a page that the customer has open."""
    answer = HttpResponse()
    watching.hand_out(answer, customer=Case.objects.get(id=case_id).customer, session=_SESSION, password="")
    return {settings.SESSION_COOKIE_NAME: _SESSION, watching.COOKIE: answer.cookies[watching.COOKIE].value}


def _call(case_id: str) -> Call:
    call = CallBack.objects.select_related("call__point").get(case_id=case_id).call
    assert call is not None
    return call


def _number(case_id: str) -> str:
    point = _call(case_id).point
    assert point is not None
    return str(point.value)


def _provider(method: str, path: str, content: Any = None, **query: str) -> Any:
    url = f"{settings.TELEPHONY_URL}/_sim/{path}"
    answer = requests.request(method, url, json=content, params=query, timeout=10)
    answer.raise_for_status()
    return answer.json()


__all__ = ["let_all_go", "let_go"]
