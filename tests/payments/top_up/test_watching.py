"""Callers are looked after: a line or a gateway that is gone is found out, and nobody waits for their bank for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backoffice.cases.models import Case
from backoffice.payments.top_up import codes, watching
from backoffice.payments.top_up.models import Farewell, Step, TopUpCall
from backoffice.telephony.ports import NotSent, ProviderRefused
from backoffice.voice.contract import Command, Role, State, Telephone, TelephoneState
from tests.factories import make_customer, now
from tests.payments.top_up.calling_us import Caller, agreed, let_in, waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    return waiting(make_customer(language="en"))


def test_a_call_that_the_gateway_does_not_know_is_over_and_the_case_still_waits(case: Case) -> None:
    caller = let_in(case)

    def forgets(command: Command) -> State:
        raise ProviderRefused("unknown")

    watching.look_after_all(now() + timedelta(seconds=4), forgets)

    assert caller.call.step == Step.OVER
    assert codes.waits_for_call(case)


def test_a_gateway_that_is_silent_is_found_out_within_ten_seconds(case: Case) -> None:
    callers, asked, began = [let_in(case), Caller()], [], now()
    TopUpCall.objects.update(heard_at=began)

    def silent(command: Command) -> State:
        asked.append(command)
        raise NotSent("no_connection")

    for seconds in (3.1, 5.5):
        watching.look_after_all(began + timedelta(seconds=seconds), silent)
        assert [one.call.ended_at for one in callers] == [None, None]
    watching.look_after_all(began + timedelta(seconds=9), silent)

    assert [one.call.step for one in callers] == [Step.OVER, Step.OVER]
    assert len(asked) == 3


def test_who_waits_twenty_seconds_for_the_bank_is_told_that_we_do_not_know(case: Case) -> None:
    caller = agreed(case)
    up = State(
        instance="i",
        conversation=caller.conversation,
        telephones=(Telephone(role=Role.CUSTOMER, state=TelephoneState.UP, answered=True),),
    )
    began = now()
    watching.look_after_all(began + timedelta(seconds=15), lambda command: up)
    assert caller.call.step == Step.BANK

    watching.look_after_all(began + timedelta(seconds=21), lambda command: up)

    assert caller.call.farewell == Farewell.UNKNOWN
    assert "charged once at most" in caller.hears
