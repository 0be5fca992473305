"""What may follow what in a call, by whom, and what is written down at its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction

from backoffice.actors import Actor, ActorKind, system
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound
from backoffice.staff.models import Role
from backoffice.telephony import states
from backoffice.telephony.announcing import unwrapped
from backoffice.telephony.models import OVER, Call, CallOutcome, CallState
from tests.factories import make_customer, make_staff
from tests.telephony.calling import NOON, RINGS, TALKING, actor, announced, go, in_state, own, prepared

pytestmark = pytest.mark.django_db
S = CallState
PROVEN = (*TALKING, S.COMPANY_PROVEN)
WAYS: dict[CallState, tuple[CallState, ...]] = {
    S.ANNOUNCED: (),
    S.DIALLING: (S.DIALLING,),
    S.RINGING: RINGS,
    S.ANSWERED: TALKING,
    S.COMPANY_PROVEN: PROVEN,
    S.CUSTOMER_PROVEN: (*PROVEN, S.CUSTOMER_PROVEN),
    S.ENDED: (*TALKING, S.ENDED),
    S.NOT_ANSWERED: (*RINGS, S.NOT_ANSWERED),
    S.VOICEMAIL: (*RINGS, S.VOICEMAIL),
}
"""One way to each state."""
POSSIBLE = {
    *((S.ANNOUNCED, S.DIALLING), (S.ANNOUNCED, S.ENDED)),
    *((S.DIALLING, S.RINGING), (S.DIALLING, S.ANSWERED), (S.DIALLING, S.NOT_ANSWERED), (S.DIALLING, S.VOICEMAIL)),
    *((S.RINGING, S.ANSWERED), (S.RINGING, S.NOT_ANSWERED), (S.RINGING, S.VOICEMAIL)),
    *((S.ANSWERED, S.COMPANY_PROVEN), (S.ANSWERED, S.VOICEMAIL), (S.ANSWERED, S.ENDED)),
    *((S.COMPANY_PROVEN, S.CUSTOMER_PROVEN), (S.COMPANY_PROVEN, S.ENDED), (S.CUSTOMER_PROVEN, S.ENDED)),
}


def test_only_what_the_table_says_follows_and_the_rest_is_refused_on_the_field() -> None:
    for before, way in WAYS.items():
        call = in_state(*way)
        for after in S:
            if after == before:
                continue
            with transaction.atomic():
                if (before, after) in POSSIBLE:
                    assert go(call, [after]).state == after
                else:
                    with pytest.raises(Conflict) as refused:
                        go(call, [after])
                    assert (refused.value.code, refused.value.field) == ("impossible_order", "state")
                    assert refused.value.sentence
                transaction.set_rollback(True)


def test_answered_before_dialling_is_refused_in_words() -> None:
    call = prepared()

    with pytest.raises(Conflict, match="Dial first") as refused:
        go(call, [S.ANSWERED])

    assert refused.value.field == "state"
    assert Call.objects.get().state == S.ANNOUNCED


def test_the_agent_cannot_dial_before_the_sheet_was_open() -> None:
    call = announced()

    with pytest.raises(Conflict, match="Open the sheet") as refused:
        go(call, [S.DIALLING])

    assert (refused.value.code, refused.value.field) == ("sheet_not_open", "state")


def test_the_database_keeps_a_call_from_being_dialled_without_its_sheet() -> None:
    call = announced()

    with pytest.raises(IntegrityError, match="prepared_before_dialled"):
        Call.objects.filter(pk=call.pk).update(dialled_at=NOON)


def test_each_state_has_its_time() -> None:
    call = prepared()
    reached = (S.ANNOUNCED, *PROVEN, S.CUSTOMER_PROVEN, S.ENDED)
    for minute, state in enumerate(reached[1:], start=1):
        call = go(call, [state], now=NOON + timedelta(minutes=minute))

    assert set(call.times) == {state.value for state in reached}
    assert all(call.times[earlier.value] < call.times[later.value] for earlier, later in pairwise(reached))
    assert (call.dialled_at, call.answered_at, call.ended_at) == (
        NOON + timedelta(minutes=1),
        NOON + timedelta(minutes=3),
        NOON + timedelta(minutes=6),
    )


def test_repeating_a_state_changes_nothing() -> None:
    call = in_state(*RINGS)

    again = go(call, [S.RINGING], now=NOON + timedelta(minutes=5))

    assert (again.times, again.state) == (call.times, S.RINGING)


@pytest.mark.parametrize(
    ("way", "to", "outcome", "expected"),
    [
        (TALKING, S.ENDED, "", "spoken"),
        (TALKING, S.ENDED, "rings_back", "rings_back"),
        (TALKING, S.ENDED, "not_the_customer", "not_the_customer"),
        (RINGS, S.NOT_ANSWERED, "", "no_answer"),
        (RINGS, S.NOT_ANSWERED, "busy", "busy"),
        (RINGS, S.NOT_ANSWERED, "failed", "failed"),
        (RINGS, S.VOICEMAIL, "", "voicemail"),
        ((), S.ENDED, "", "called_off"),
    ],
)
def test_a_call_that_is_over_has_an_outcome(
    way: tuple[CallState, ...], to: CallState, outcome: str, expected: str
) -> None:
    call = in_state(*way)

    call = states.move(call_id=call.pk, to=to, by=own(call), now=NOON, outcome=outcome)

    assert (call.outcome, call.ended_at, call.is_over) == (expected, NOON, True)


@pytest.mark.parametrize(("way", "to"), [(TALKING, S.ENDED), (RINGS, S.NOT_ANSWERED), ((), S.ENDED)])
def test_an_outcome_that_does_not_fit_is_refused_on_its_field(way: tuple[CallState, ...], to: CallState) -> None:
    call = in_state(*way)

    for outcome in ("voicemail", "nonsense"):
        with pytest.raises(Invalid) as refused:
            states.move(call_id=call.pk, to=to, by=own(call), now=NOON, outcome=outcome)
        assert "outcome" in refused.value.errors


def test_a_call_that_was_called_off_leaves_its_agent_free() -> None:
    call = go(announced(), [S.ENDED])

    assert (call.outcome, call.wrapped_at) == (CallOutcome.CALLED_OFF, NOON)
    assert unwrapped(call.agent) is None  # type: ignore[arg-type]


# --- whose call it is -------------------------------------------------------------------------------------------------


def test_another_agent_says_nothing_about_a_call() -> None:
    call, other = in_state(*TALKING), actor(make_staff())

    tries: list[Callable[[], Call]] = [
        lambda: states.move(call_id=call.pk, to=S.COMPANY_PROVEN, by=other, now=NOON),
        lambda: states.move(call_id=call.pk, to=S.ENDED, by=other, now=NOON),
        lambda: states.open_sheet(call_id=call.pk, by=other, now=NOON),
        lambda: states.still_on(call_id=call.pk, by=other, now=NOON),
    ]
    for says in tries:
        with pytest.raises(Forbidden, match="another agent's call"):
            says()


def test_a_supervisor_ends_a_call_of_somebody_who_fell_ill_and_nothing_else() -> None:
    call, boss = in_state(*TALKING), actor(make_staff(role=Role.SUPERVISOR))

    with pytest.raises(Forbidden):
        states.move(call_id=call.pk, to=S.COMPANY_PROVEN, by=boss, now=NOON)
    states.move(call_id=call.pk, to=S.ENDED, by=boss, now=NOON, outcome="broken_off")
    states.wrap_up(call_id=call.pk, text="The agent fell ill.", by=boss, now=NOON)

    assert Call.objects.get().wrapped_at == NOON


def test_the_customer_says_of_their_own_call_that_we_have_proven_who_we_are() -> None:
    call = in_state(*TALKING)
    maria = Actor(ActorKind.CUSTOMER, str(call.customer.public_id))  # type: ignore[union-attr]
    ewa = Actor(ActorKind.CUSTOMER, str(make_customer().public_id))

    with pytest.raises(NotFound):
        states.move(call_id=call.pk, to=S.COMPANY_PROVEN, by=ewa, now=NOON)
    with pytest.raises(Forbidden, match="Our staff says"):
        states.move(call_id=call.pk, to=S.ENDED, by=maria, now=NOON)

    assert states.move(call_id=call.pk, to=S.COMPANY_PROVEN, by=maria, now=NOON).state == S.COMPANY_PROVEN


def test_there_is_no_call_of_an_unknown_id() -> None:
    customer = make_customer()

    with pytest.raises(NotFound):
        states.move(call_id=customer.public_id, to=S.ENDED, by=system(), now=NOON)


# --- the heartbeat and the wrap-up ------------------------------------------------------------------------------------


def test_the_console_says_that_the_call_is_going_on() -> None:
    call, later = in_state(*TALKING), NOON + timedelta(seconds=5)

    assert states.still_on(call_id=call.pk, by=own(call), now=later).seen_at == later
    assert states.still_on(call_id=call.pk, by=own(call), now=NOON).seen_at == later


def test_no_heartbeat_revives_a_call_that_is_over() -> None:
    call = in_state(*TALKING, S.ENDED)

    assert states.still_on(call_id=call.pk, by=own(call), now=NOON + timedelta(seconds=5)).seen_at == NOON


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_an_empty_wrap_up_is_refused_on_its_field(text: str) -> None:
    call = in_state(*TALKING, S.ENDED)

    with pytest.raises(Invalid, match="Write down what came") as refused:
        states.wrap_up(call_id=call.pk, text=text, by=own(call), now=NOON)

    assert "text" in refused.value.errors
    assert unwrapped(call.agent) == call  # type: ignore[arg-type]


def test_a_call_is_wrapped_up_only_once_it_is_over() -> None:
    call = in_state(*TALKING)

    with pytest.raises(Conflict, match="not over yet") as refused:
        states.wrap_up(call_id=call.pk, text="Spoken.", by=own(call), now=NOON)

    assert refused.value.field == "state"


def test_the_wrap_up_puts_the_outcome_right_and_frees_the_agent() -> None:
    call = in_state(*TALKING, S.ENDED)

    for _again in range(2):
        states.wrap_up(call_id=call.pk, text=" Wrong person. ", by=own(call), now=NOON, outcome="not_the_customer")
    call.refresh_from_db()

    assert (call.outcome, call.wrap_up, call.wrapped_at) == ("not_the_customer", "Wrong person.", NOON)
    assert announced(agent=call.agent).state == S.ANNOUNCED
    with pytest.raises(Conflict, match="wrapped up already"):
        states.wrap_up(call_id=call.pk, text="Something else.", by=own(call), now=NOON)


def test_the_wrap_up_takes_no_outcome_that_cannot_be_and_no_book() -> None:
    call = in_state(*RINGS, S.NOT_ANSWERED)

    with pytest.raises(Invalid) as refused:
        states.wrap_up(call_id=call.pk, text="x", by=own(call), now=NOON, outcome="spoken")
    assert "outcome" in refused.value.errors
    with pytest.raises(Invalid, match="These are 2001"):
        states.wrap_up(call_id=call.pk, text="x" * 2001, by=own(call), now=NOON)


def test_the_wrap_up_is_sealed() -> None:
    call = in_state(*TALKING, S.ENDED)
    states.wrap_up(call_id=call.pk, text="Maria moves the parcel.", by=own(call), now=NOON)

    stored = Call.objects.extra(select={"raw": "wrap_up"}).values_list("raw", flat=True).get()

    assert "Maria" not in stored


def test_each_state_is_over_or_something_follows() -> None:
    for table in (states.FOLLOWS, states.FOLLOWS_IN):
        assert {state for state, after in table.items() if not after} == OVER
