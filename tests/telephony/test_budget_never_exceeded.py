"""Threat 22: whatever hands and processes do at once, also when clocks change, nobody is called too often."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from backoffice.customers.models import ContactPoint, Customer
from backoffice.refusals import Refused
from backoffice.telephony import budget, states
from backoffice.telephony.budget import Spent, WaitReason
from backoffice.telephony.models import Call, CallOutcome, CallState
from backoffice.trust.models import Direction
from tests.factories import make_customer, make_staff
from tests.telephony.calling import NOON, announced, go, own, prepared
from tests.telephony.rows import number_of, write_call

BEGINS = {
    "Europe/Warsaw": (datetime(2026, 3, 27, 6, tzinfo=UTC), datetime(2026, 10, 22, 6, tzinfo=UTC)),
    "America/New_York": (datetime(2026, 3, 6, 12, tzinfo=UTC), datetime(2026, 10, 29, 12, tzinfo=UTC)),
    "America/Santiago": (datetime(2026, 4, 2, 11, tzinfo=UTC), datetime(2026, 9, 3, 11, tzinfo=UTC)),
    "Australia/Lord_Howe": (datetime(2026, 4, 2, 22, tzinfo=UTC), datetime(2026, 10, 1, 22, tzinfo=UTC)),
    "Asia/Shanghai": (datetime(2026, 6, 1, 0, tzinfo=UTC),),
}
"""Some days before the clocks change there, if they do."""
MATTERS = st.sampled_from(["card", "domain"])
WEEK, DAY, MINUTE = timedelta(days=7), timedelta(days=1), timedelta(minutes=1)
ENDS = {
    CallState.ENDED: CallOutcome.SPOKEN,
    CallState.NOT_ANSWERED: CallOutcome.BUSY,
    CallState.VOICEMAIL: CallOutcome.VOICEMAIL,
}


class Hands(RuleBasedStateMachine):
    """What hands at the desk and processes do about one customer, and what came of it, kept apart from the rows."""

    customer: Customer
    point: ContactPoint

    @initialize(where=st.sampled_from([(zone, begin) for zone, begins in BEGINS.items() for begin in begins]))
    def begin(self, where: tuple[str, datetime]) -> None:
        self.taken_back = transaction.atomic()
        self.taken_back.__enter__()
        self.customer.time_zone, self.now = where
        self.zone = ZoneInfo(where[0])
        self.prepared: list[Call] = []
        self.on_the_line: list[Call] = []
        self.dialled: dict[str, list[datetime]] = {"card": [], "domain": []}
        self.talks: dict[str, list[datetime]] = {"card": [], "domain": []}
        """When a talk about each matter ended."""

    def teardown(self) -> None:
        if hasattr(self, "taken_back"):
            transaction.set_rollback(True)
            self.taken_back.__exit__(None, None, None)

    @rule(passes=st.sampled_from([MINUTE, 31 * MINUTE, timedelta(hours=3), timedelta(hours=11), DAY, 4 * DAY]))
    def time_passes(self, passes: timedelta) -> None:
        self.now += passes

    @rule(matter=MATTERS, asked=st.booleans())
    def one_announces(self, matter: str, asked: bool) -> None:
        told: dict[str, Any] = {"customer": self.customer, "matter": matter, "asked_by_customer": asked}
        try:
            budget.reserve(now=self.now, **told)
        except Spent:
            return
        call = write_call(at=self.now, point=self.point, **told)
        call.customer = self.customer
        self.prepared.append(call)

    @precondition(lambda self: self.prepared)
    @rule(which=st.integers(0, 9))
    def one_dials(self, which: int) -> None:
        call = self.prepared[which % len(self.prepared)]
        try:
            budget.refuse_to_dial(call, now=self.now)
        except Spent:
            return
        self.prepared.remove(call)
        self.check_dialling(call)
        call.state, call.dialled_at = CallState.DIALLING, self.now
        call.save()
        self.on_the_line.append(call)
        self.dialled[call.matter].append(self.now)

    @precondition(lambda self: self.on_the_line)
    @rule(which=st.integers(0, 9), to=st.sampled_from(sorted(ENDS)), after=st.integers(0, 50))
    def one_ends(self, which: int, to: CallState, after: int) -> None:
        call = self.on_the_line.pop(which % len(self.on_the_line))
        self.now += after * MINUTE
        call.state, call.outcome, call.ended_at, call.wrapped_at = to, ENDS[to], self.now, self.now
        call.save()
        if to == CallState.ENDED:
            self.talks[call.matter].append(self.now)

    @precondition(lambda self: self.prepared)
    @rule(which=st.integers(0, 9))
    def one_calls_off(self, which: int) -> None:
        call = self.prepared.pop(which % len(self.prepared))
        call.state, call.outcome, call.ended_at = CallState.ENDED, CallOutcome.CALLED_OFF, self.now
        call.save()

    @rule(matter=MATTERS)
    def the_customer_calls(self, matter: str) -> None:
        state: dict[str, Any] = {"state": CallState.ENDED, "outcome": CallOutcome.SPOKEN}
        state["times"] = {CallState.CUSTOMER_PROVEN.value: self.now.isoformat()}
        write_call(self.customer, at=self.now, matter=matter, point=self.point, direction=Direction.IN, **state)
        self.talks[matter].append(self.now)

    @rule(matter=MATTERS, asked=st.booleans(), times=st.integers(1, 4))
    def one_calls_again_as_soon_as_allowed(self, matter: str, asked: bool, times: int) -> None:
        for _again in range(times):
            told: dict[str, Any] = {"customer": self.customer, "matter": matter, "asked_by_customer": asked}
            found = budget.wait(now=self.now, **told)
            if found is not None and found.why != WaitReason.ON_THE_LINE:
                self.check_wait(found.until, told)
            if found is not None:
                self.now = found.until
            self.one_announces(matter, asked)
            if self.prepared:
                self.one_dials(len(self.prepared) - 1)
            if self.on_the_line:
                self.one_ends(len(self.on_the_line) - 1, CallState.NOT_ANSWERED, 1)

    def check_wait(self, until: datetime, told: dict[str, Any]) -> None:
        """What staff read is true: not a second earlier, and then for sure. A call that somebody prepares meanwhile
        counts whenever they dial it, so it may take longer then."""
        early = budget.wait(now=max(until - timedelta(seconds=1), self.now), **told)
        assert early is not None
        if not self.prepared and not self.on_the_line:
            assert early.until == until
            assert budget.wait(now=until, **told) is None

    def check_dialling(self, call: Call) -> None:
        """The limits, computed anew from what was done."""
        local = self.now.astimezone(self.zone)
        assert 8 <= local.hour < 21
        assert not [one for one in self.on_the_line if one.dialled_at and self.now - one.dialled_at < 30 * MINUTE]
        before = self.dialled[call.matter]
        assert sum(self.now - one < WEEK for one in before) < 7
        days = [one.astimezone(self.zone).date() for one in before]
        assert sum(one == local.date() for one in days) < 3
        assert sum(one > local.date() - WEEK for one in days) < 7
        if not call.asked_by_customer:
            assert not [one for one in self.talks[call.matter] if self.now - one < WEEK]


@pytest.mark.django_db
def test_the_budget_is_never_exceeded_and_every_wait_is_true() -> None:
    Hands.customer = make_customer()
    Hands.point = number_of(Hands.customer)
    run_state_machine_as_test(
        Hands,
        settings=settings(
            max_examples=14,
            stateful_step_count=25,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


# --- at the same moment, on the database ------------------------------------------------------------------------------


def at_once(acts: list[Callable[[], object]]) -> Counter[str]:
    """Each on a thread with a connection of its own; what became of each."""

    def run(act: Callable[[], object]) -> str:
        try:
            act()
        except Refused as refused:
            return refused.code
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(run, acts))


@pytest.mark.django_db(transaction=True)
def test_of_many_who_announce_and_dial_at_once_one_does() -> None:
    customer = make_customer(days=4000)
    agents = [make_staff() for _each in range(8)]

    def announce(agent: Any, matter: str) -> Callable[[], object]:
        return lambda: announced(customer, agent, matter=matter)

    became = at_once([announce(agent, matter) for agent, matter in zip(agents, itertools.cycle("ab"), strict=False)])
    assert became == {"done": 1, "call_on_the_line": 7}

    states.move(call_id=Call.objects.get().pk, to=CallState.ENDED, by=own(Call.objects.get()), now=NOON)
    calls = []
    for agent, late in zip(agents[1:], range(7), strict=True):
        if not Call.objects.filter(agent=agent).exists():
            at = NOON + late * budget.FORGOTTEN
            calls.append(prepared(customer, agent, matter=f"m{late}", now=at))
    later = NOON + 7 * budget.FORGOTTEN
    dial = [lambda call=call: go(call, [CallState.DIALLING], now=later) for call in calls]
    became = at_once(dial)  # type: ignore[arg-type]
    assert became == {"done": 1, "call_on_the_line": len(calls) - 1}
    assert Call.objects.filter(dialled_at=later).count() == 1


@pytest.mark.django_db(transaction=True)
def test_three_of_many_quick_calls_at_once_are_made_on_a_day() -> None:
    """Each is over before the next begins, so that only the count holds them back."""
    customer = make_customer()

    def call() -> None:
        with transaction.atomic():
            budget.reserve(customer=customer, matter="matter", now=NOON)
            write_call(customer, at=NOON, state=CallState.NOT_ANSWERED)

    assert at_once([call] * 12) == {"done": 3, "call_day_spent": 9}
