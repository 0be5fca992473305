"""Somebody rings our number about a call that we owe: who proves that they are the customer goes on with it, and nobody
else uses up anything of theirs."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest

from backoffice.calls.back import ringing_back, talking, wrapping_up
from backoffice.calls.back.models import CallBack, CallBackState, StaffedQuarter
from backoffice.cases.models import ItemState
from backoffice.customers.models import Customer
from backoffice.refusals import Conflict, Invalid, NotFound
from backoffice.staff.models import Role, User
from backoffice.telephony import proving, taking
from backoffice.telephony.models import Call, CallOutcome, CallState
from tests.calls.call_backs import Agreed, announced, kinds_of, signals_of, tomorrow
from tests.factories import actor, make_staff
from tests.playing import advance, ask
from workflows.base.contracts import DoEffect

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreed() -> Agreed:
    return announced()


def test_who_is_unsure_rings_our_number_and_the_agent_goes_on_with_the_case(agreed: Agreed) -> None:
    agreed.dial()
    agreed.press(CallState.ANSWERED, CallState.ENDED)
    agreed.wrap_up("rings_back")
    assert agreed.row.state == CallBackState.RING_BACK
    [found] = ringing_back.waiting(agreed.case.customer)
    assert found.case_id == agreed.case.id

    second = make_staff(role=Role.SUPPORT)
    call = _comes_in(agreed.case.customer, second)
    at = agreed.starts + timedelta(hours=3)
    ringing_back.take(case_id=agreed.case.id, call_id=call.id, by=actor(second), now=at)
    ringing_back.take(case_id=agreed.case.id, call_id=call.id, by=actor(second), now=at)
    ask(agreed.case, "call_customer_back", holder=str(second.public_id))
    _read_out_code(agreed, call, second, at=at)
    talking.press(case_id=agreed.case.id, to=CallState.ENDED, by=actor(second), now=at)
    _write(agreed, second, "spoken", at=at)

    told = [name for name, _facts in signals_of(agreed.case)]
    assert told.count("rang_back") == 1
    assert kinds_of(agreed.case)[-5:] == ["rang_back", "answered", "customer_proven", "ended", "wrapped_up"]
    assert agreed.row.spoken_at == at
    third = make_staff(role=Role.SUPPORT)
    call = _comes_in(agreed.case.customer, third)
    with pytest.raises(Conflict, match="No call is waited for"):
        ringing_back.take(case_id=agreed.case.id, call_id=call.id, by=actor(third), now=at)


def test_only_the_agent_of_a_call_that_came_in_takes_it_and_only_a_case_that_waits(agreed: Agreed) -> None:
    mine = _comes_in(agreed.case.customer, agreed.agent)
    with pytest.raises(NotFound, match="no such call"):
        ringing_back.take(case_id=agreed.case.id, call_id=mine.id, by=actor(make_staff()), now=agreed.starts)
    ringing_back.take(case_id=agreed.case.id, call_id=mine.id, by=agreed.by, now=agreed.starts)

    agreed.item.refresh_from_db()
    assert agreed.item.state == ItemState.WITHDRAWN


@pytest.mark.parametrize("outcome", ["spoken", "declined", "rings_back"])
def test_who_rings_us_and_proves_nothing_uses_up_nothing_of_the_customer_s(agreed: Agreed, outcome: str) -> None:
    at = agreed.starts - timedelta(hours=1)
    call = _is_about(agreed, agreed.agent, at=at)
    with pytest.raises(Conflict, match="We prove nothing in a call to us"):
        talking.press(case_id=agreed.case.id, to=CallState.COMPANY_PROVEN, by=agreed.by, now=at)
    talking.press(case_id=agreed.case.id, to=CallState.ENDED, by=agreed.by, now=at)
    with pytest.raises(Invalid, match="no code from the portal fitted") as refused:
        _write(agreed, agreed.agent, outcome, at=at)
    assert list(refused.value.errors) == ["outcome"]
    _write(agreed, agreed.agent, "other_person", at=at)

    row, call = agreed.row, Call.objects.get(pk=call.pk)
    assert (row.state, row.starts, row.spoken_at, row.not_before) == (CallBackState.AGREED, agreed.starts, None, None)
    assert call.outcome == CallOutcome.NOT_THE_CUSTOMER
    assert StaffedQuarter.objects.get(starts=agreed.starts).taken == 1
    agreed.item = ask(agreed.case, "call_customer_back")
    assert agreed.prepare().direction == "out"


def test_who_is_cut_off_while_ringing_back_keeps_the_place_and_no_longer_than_it_was_kept(agreed: Agreed) -> None:
    at, kept = agreed.starts, agreed.starts + timedelta(hours=1)
    for now, state in ((at, CallBackState.RING_BACK), (kept, CallBackState.OPEN)):
        kept_place = {"state": CallBackState.RING_BACK, "starts": None, "ends": None, "place_kept_until": kept}
        CallBack.objects.update(**kept_place)
        agent = make_staff(role=Role.SUPPORT)
        _is_about(agreed, agent, at=now)
        talking.press(case_id=agreed.case.id, to=CallState.ENDED, by=actor(agent), outcome="broken_off", now=now)
        _write(agreed, agent, "broken_off", at=now)

        assert agreed.row.state == state


def test_who_rings_before_we_call_and_proves_who_they_are_gives_the_window_back(agreed: Agreed) -> None:
    at = agreed.starts - timedelta(hours=1)
    call = _is_about(agreed, agreed.agent, at=at)
    _read_out_code(agreed, call, agreed.agent, at=at)
    talking.press(case_id=agreed.case.id, to=CallState.ENDED, by=agreed.by, now=at)
    _write(agreed, agreed.agent, "spoken", at=at)

    assert (agreed.row.state, agreed.row.window) == (CallBackState.OVER, None)
    assert StaffedQuarter.objects.get(starts=agreed.starts).taken == 0


def test_the_place_of_who_rings_back_is_noted_with_its_end(agreed: Agreed) -> None:
    advance(agreed.case, effects=(DoEffect("keep_place", {"until": agreed.starts.isoformat()}),))

    assert (agreed.row.state, agreed.row.place_kept_until) == (CallBackState.RING_BACK, agreed.starts)


def _is_about(agreed: Agreed, agent: User, *, at: datetime) -> Call:
    """Somebody rings this agent, and names the case."""
    call = _comes_in(agreed.case.customer, agent)
    ringing_back.take(case_id=agreed.case.id, call_id=call.id, by=actor(agent), now=at)
    ask(agreed.case, "call_customer_back", holder=str(agent.public_id))
    return call


def _read_out_code(agreed: Agreed, call: Call, agent: User, *, at: datetime) -> None:
    shown = proving.show_code(call_id=call.id, by=agreed.customer, now=at)
    assert proving.type_code(call_id=call.id, typed=shown.code, by=actor(agent), now=at).right


def _write(agreed: Agreed, agent: User, outcome: str, *, at: datetime) -> None:
    data = {"outcome": outcome, "text": "They rang us."}
    wrapping_up.wrap_up(case_id=agreed.case.id, by=actor(agent), data=data, now=at)


def _comes_in(customer: Customer, agent: User) -> Call:
    by, at = actor(agent), tomorrow(11)
    return taking.take_in(number="", agent=agent, by=by, now=at, key=str(uuid.uuid4()), customer=customer)
