"""Whatever is pressed and reported in whatever order: a call only goes forward, its times rise, its agent has one."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from backoffice.refusals import Conflict, Forbidden, Invalid, Refused
from backoffice.telephony import announcing, placing, reporting, states
from backoffice.telephony.models import OVER, Call, CallOutcome, CallState
from backoffice.telephony.ports import Line, Reported
from tests.factories import make_customer, make_staff
from tests.telephony.calling import NOON, actor, announced

RANK = {
    CallState.ANNOUNCED: 0,
    CallState.DIALLING: 1,
    CallState.RINGING: 2,
    CallState.ANSWERED: 3,
    CallState.COMPANY_PROVEN: 4,
    CallState.CUSTOMER_PROVEN: 5,
    **dict.fromkeys(OVER, 6),
}


class OneAgentsCalls(RuleBasedStateMachine):
    """The agent and a stranger press, the provider reports, also of what was long ago."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        self.now = NOON
        self.customer, self.agent = make_customer(days=4000, sign_in=False), make_staff(totp="")
        self.by, self.other = actor(self.agent), actor(make_staff(totp=""))
        self.call = announced(self.customer, self.agent)
        self.ranks = [0]

    def later(self) -> None:
        self.now += timedelta(seconds=1)

    def refresh(self) -> None:
        self.call = Call.objects.select_related("agent").get(pk=self.call.pk)
        self.ranks.append(RANK[CallState(self.call.state)])

    @rule()
    def opens_the_sheet(self) -> None:
        self.later()
        states.open_sheet(call_id=self.call.pk, by=self.by, now=self.now)
        self.refresh()

    @rule(to=st.sampled_from(CallState), outcome=st.sampled_from(["", *CallOutcome.values]))
    def presses(self, to: CallState, outcome: str) -> None:
        self.later()
        before, possible = self.call, to in states.next_states(self.call)
        possible &= to != CallState.DIALLING or before.sheet_opened_at is not None
        if possible and outcome and states.outcomes_of(before, to) and outcome not in states.outcomes_of(before, to):
            expected: contextlib.AbstractContextManager[object] = pytest.raises(Invalid)
        else:
            expected = contextlib.nullcontext() if possible or to == before.state else pytest.raises(Conflict)
        with expected:
            states.move(call_id=before.pk, to=to, by=self.by, now=self.now, outcome=outcome)
        self.refresh()

    @rule(to=st.sampled_from(CallState))
    def a_stranger_presses(self, to: CallState) -> None:
        self.later()
        with pytest.raises(Forbidden):
            states.move(call_id=self.call.pk, to=to, by=self.other, now=self.now)
        self.refresh()

    @rule(status=st.sampled_from(Reported), machine=st.booleans())
    def the_provider_reports(self, status: Reported, machine: bool) -> None:
        self.later()
        if self.call.dialled_at is None:
            return
        Call.objects.filter(pk=self.call.pk).update(adapter="twilio")
        line = Line(f"CA{self.call.pk.hex}", status, machine)
        reporting.report(line=line, key=str(self.call.pk), by=placing.PROVIDER, now=self.now)
        self.refresh()

    @rule(text=st.sampled_from(["", " ", "Spoken."]))
    def wraps_up(self, text: str) -> None:
        self.later()
        fits = self.call.is_over and bool(text.strip()) and self.call.wrap_up in (text, "")
        fits &= self.call.outcome != CallOutcome.CALLED_OFF
        with contextlib.nullcontext() if fits else pytest.raises(Refused):
            states.wrap_up(call_id=self.call.pk, text=text, by=self.by, now=self.now)
        self.refresh()

    @rule()
    def announces_the_next(self) -> None:
        self.later()
        free = announcing.unwrapped(self.agent) is None
        with contextlib.nullcontext() if free else pytest.raises(Conflict, match="not wrapped up"):
            self.call, self.ranks = announced(self.customer, self.agent, now=self.now), [0]

    @invariant()
    def goes_forward(self) -> None:
        if hasattr(self, "ranks"):
            assert all(earlier <= after for earlier, after in pairwise(self.ranks))

    @invariant()
    def has_its_times_and_its_outcome(self) -> None:
        if hasattr(self, "call"):
            call = self.call
            reached = sorted(call.times.items(), key=lambda item: (item[1], RANK[CallState(item[0])]))
            assert [RANK[CallState(name)] for name, _at in reached] == sorted(
                RANK[CallState(one)] for one in call.times
            )
            assert call.state in call.times
            assert call.is_over == bool(call.outcome) == (call.ended_at is not None)
            assert call.dialled_at is None or call.sheet_opened_at is not None

    @precondition(lambda self: hasattr(self, "agent"))
    @invariant()
    def has_one_call(self) -> None:
        assert Call.objects.filter(agent=self.agent, wrapped_at=None).count() <= 1


@pytest.mark.django_db
def test_calls_only_go_forward_whatever_is_pressed_and_reported() -> None:
    few = settings(
        max_examples=5, stateful_step_count=16, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(OneAgentsCalls, settings=few)
