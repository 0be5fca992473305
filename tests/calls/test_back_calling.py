"""A call-back on real rows: prepared, dialled, answered, wrapped up, rung back, missed; and each refusal."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from backoffice.actors import system
from backoffice.calls.back import (
    calling_off,
    dialling,
    effects,
    figures,
    moving,
    offering,
    preparing,
    ringing_back,
    talking,
    wrapping_up,
)
from backoffice.calls.back.models import CallBack, CallBackState, StaffedQuarter
from backoffice.cases import answering
from backoffice.cases.models import Case, Event, ItemState
from backoffice.cases.unit_of_work import changing
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound
from backoffice.staff.models import Role
from backoffice.telephony import states
from backoffice.telephony.models import Call, CallOutcome, CallState
from backoffice.telephony.taking import take_in
from backoffice.trust.models import Contact
from tests.calls.call_backs import (
    QUARTER,
    Agreed,
    announced,
    key_of,
    kinds_of,
    of_ourselves,
    signals_of,
    staff_hours,
    tomorrow,
    wish,
)
from tests.factories import actor, make_customer, make_staff
from tests.playing import advance, ask
from workflows.base.contracts import Close, DoEffect
from workflows.base.spec import Nothing

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreed() -> Agreed:
    return announced()


# --- the straight way -------------------------------------------------------------------------------------------------


def test_a_call_is_on_the_register_before_it_is_dialled_and_each_state_in_the_timeline(agreed: Agreed) -> None:
    call = agreed.prepare()
    assert (call.contact.case_reference, call.state) == (agreed.case.reference, CallState.ANNOUNCED)
    assert (call.matter, call.asked_by_customer) == ("cards", True)
    agreed.speak()

    row, call = agreed.row, Call.objects.get()
    assert (row.state, row.call_id) == (CallBackState.OVER, call.id)
    assert row.spoken_at is not None
    assert (call.outcome, call.wrap_up) == (CallOutcome.SPOKEN, "We talked it over.")
    assert kinds_of(agreed.case) == [
        "booked", "agreed", "prepared", "dialling", "answered", "company_proven", "ended", "wrapped_up",
    ]  # fmt: skip
    assert signals_of(agreed.case) == [
        ("call_dialled", {"agent": str(agreed.agent.public_id)}),
        ("call_progress", {"to": "answered"}),
        ("call_progress", {"to": "company_proven"}),
        ("call_progress", {"to": "over"}),
        ("call_progress", {"to": "wrapped_up", "outcome": "spoken"}),
    ]
    written = Event.objects.get(case=agreed.case, kind="call_back.wrapped_up")
    assert (written.data["proof"], written.actor_id) == ("company", str(agreed.agent.public_id))
    agreed.item.refresh_from_db()
    assert (agreed.item.state, agreed.item.outcome) == (ItemState.ANSWERED, "spoken")


def test_without_content_that_is_theirs_alone_we_talk_after_our_own_proof() -> None:
    starts, customer = staff_hours(), make_customer()
    agreed = announced(case=wish(customer, starts, what="topic:other"), starts=starts)
    agreed.dial()
    agreed.press(CallState.ANSWERED, CallState.COMPANY_PROVEN)

    assert signals_of(agreed.case)[-1] == ("call_progress", {"to": "talk"})


def test_saying_it_again_changes_nothing(agreed: Agreed) -> None:
    first = agreed.prepare()
    assert agreed.prepare().id == first.id
    agreed.dial()
    agreed.dial()
    agreed.press(CallState.ANSWERED)
    agreed.press(CallState.ANSWERED)

    assert Contact.objects.filter(channel="call").count() == 1
    assert kinds_of(agreed.case).count("prepared") == kinds_of(agreed.case).count("dialling") == 1
    assert [name for name, _facts in signals_of(agreed.case)] == ["call_dialled", "call_progress"]


def test_what_the_telephone_system_says_is_followed_too(
    agreed: Agreed, django_capture_on_commit_callbacks: object
) -> None:
    call = agreed.dial()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        states.move(call_id=call.id, to=CallState.NOT_ANSWERED, by=system(), now=agreed.starts, outcome="busy")

    assert signals_of(agreed.case)[-1] == ("call_progress", {"to": "over"})
    assert kinds_of(agreed.case)[-1] == "not_answered"


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_nobody_dials_before_the_sheet_was_open(agreed: Agreed) -> None:
    with pytest.raises(Conflict, match="Open the sheet") as refused:
        dialling.dial(case_id=agreed.case.id, by=agreed.by, now=agreed.starts)
    assert refused.value.field == "state"
    with pytest.raises(Conflict, match="Open the sheet"):
        talking.press(case_id=agreed.case.id, to=CallState.ANSWERED, by=agreed.by, now=agreed.starts)


def test_nobody_dials_before_the_agreed_time(agreed: Agreed) -> None:
    agreed.prepare()
    with pytest.raises(Conflict, match="expects the call") as refused:
        dialling.dial(case_id=agreed.case.id, by=agreed.by, now=agreed.starts - timedelta(minutes=1))
    assert (refused.value.code, refused.value.field) == ("too_early", "state")


def test_a_colleague_cannot_take_a_prepared_call_nor_press_in_it(agreed: Agreed) -> None:
    agreed.prepare()
    other = actor(make_staff(role=Role.SUPPORT))
    with pytest.raises(Conflict, match="colleague has claimed"):
        agreed.prepare(by=other)
    agreed.dial()
    with pytest.raises(Forbidden, match="another agent"):
        talking.press(case_id=agreed.case.id, to=CallState.ANSWERED, by=other, now=agreed.starts)


def test_no_sheet_is_opened_where_nobody_is_to_call_now() -> None:
    starts = staff_hours()
    case = wish(make_customer(), starts)
    with pytest.raises(Conflict, match="Nobody is to call"):
        preparing.open_sheet(case_id=case.id, by=actor(make_staff()), now=starts)


def test_a_number_that_was_swapped_meanwhile_is_not_called(agreed: Agreed) -> None:
    agreed.case.customer.contact_points.update(sim_swapped_at=agreed.starts)
    with pytest.raises(Conflict, match="no number") as refused:
        agreed.prepare()
    assert refused.value.field == "number"


def test_an_impossible_order_is_refused_on_the_state(agreed: Agreed) -> None:
    agreed.prepare()
    with pytest.raises(Conflict) as refused:
        agreed.press(CallState.ANSWERED)
    assert (refused.value.code, refused.value.field) == ("impossible_order", "state")


@pytest.mark.parametrize(
    ("states_before", "outcome", "text", "field", "words"),
    [
        ((), "spoken", "x", "outcome", "not over"),
        ((CallState.ANSWERED, CallState.COMPANY_PROVEN, CallState.ENDED), "spoken", " ", "text", "Write down"),
        ((CallState.ANSWERED, CallState.COMPANY_PROVEN, CallState.ENDED), "", "x", "outcome", "Say what came"),
        ((CallState.ANSWERED, CallState.COMPANY_PROVEN, CallState.ENDED), "not_reached", "x", "outcome", "answered"),
        ((CallState.ANSWERED, CallState.ENDED), "spoken", "x", "outcome", "did not prove"),
        ((CallState.NOT_ANSWERED,), "spoken", "x", "outcome", "Nobody answered"),
        ((CallState.VOICEMAIL,), "rings_back", "x", "outcome", "Nobody answered"),
    ],
    ids=["on the line", "no words", "no outcome", "answered", "not proven", "not answered", "voicemail"],
)
def test_a_wrap_up_that_cannot_be_is_refused_on_its_field_and_the_call_stays_open(
    agreed: Agreed, states_before: tuple[CallState, ...], outcome: str, text: str, field: str, words: str
) -> None:
    agreed.dial()
    if states_before:
        agreed.press(*states_before)
    with pytest.raises(Invalid, match=words) as refused:
        agreed.wrap_up(outcome, text=text)

    assert list(refused.value.errors) == [field]
    agreed.item.refresh_from_db()
    assert agreed.item.state == ItemState.OPEN
    assert Call.objects.get().wrapped_at is None


def test_what_was_only_prepared_cannot_be_wrapped_up_but_put_back(agreed: Agreed) -> None:
    agreed.prepare()
    with pytest.raises(Invalid, match="Nobody has dialled"):
        agreed.wrap_up("not_reached")
    preparing.put_back(case_id=agreed.case.id, by=agreed.by, now=agreed.starts)

    assert Call.objects.get().outcome == CallOutcome.CALLED_OFF
    assert agreed.row.state == CallBackState.AGREED
    other = make_staff(role=Role.SUPPORT)
    assert agreed.prepare(by=actor(other)).agent == other
    assert signals_of(agreed.case) == []


def test_what_is_dialled_cannot_be_put_back(agreed: Agreed) -> None:
    agreed.dial()
    with pytest.raises(Conflict, match="dialled already"):
        preparing.put_back(case_id=agreed.case.id, by=agreed.by, now=agreed.starts)


def test_there_is_nothing_to_wrap_up_where_there_is_no_call() -> None:
    with pytest.raises(NotFound, match="no call here"):
        wrapping_up.wrap_up(case_id=uuid.uuid4(), by=actor(make_staff()), data={})


# --- what follows -----------------------------------------------------------------------------------------------------


def test_after_a_call_that_nobody_answered_the_next_is_two_hours_later(agreed: Agreed) -> None:
    agreed.dial()
    agreed.press(CallState.NOT_ANSWERED, outcome="busy")
    agreed.wrap_up("not_reached")
    row = agreed.row

    assert (row.state, row.window) == (CallBackState.OPEN, None)
    written = agreed.starts + timedelta(minutes=20)
    assert row.not_before == written + timedelta(hours=2)
    assert offering.earliest(row, now=written, asked=False) == row.not_before
    assert offering.earliest(row, now=written, asked=True) < row.not_before, "whoever chooses it may have it sooner"
    assert Call.objects.get().outcome == CallOutcome.BUSY


def test_a_window_in_which_nobody_dials_is_raised_and_then_given_up(agreed: Agreed) -> None:
    agreed.prepare()
    advance(agreed.case, effects=(DoEffect("nobody_dials"),))
    agreed.item.refresh_from_db()
    assert agreed.item.escalated_at is not None
    done = advance(agreed.case, effects=(DoEffect("give_up_window"),), withdraws=(agreed.item.step,))

    assert done.facts == {"missed": True}
    row = agreed.row
    assert (row.first_in_line, row.missed, row.state) == (True, 1, CallBackState.OPEN)
    assert Call.objects.get().outcome == CallOutcome.CALLED_OFF
    with pytest.raises(Conflict, match="Open the sheet"):
        dialling.dial(case_id=agreed.case.id, by=agreed.by, now=agreed.starts)


def test_who_dialled_a_moment_before_has_not_missed_the_window(agreed: Agreed) -> None:
    agreed.dial()

    assert advance(agreed.case, effects=(DoEffect("give_up_window"),)).facts == {"missed": False}
    assert agreed.row.missed == 0


def test_under_another_case_the_two_questions_get_a_case_of_their_own_once(agreed: Agreed) -> None:
    agreed.speak()
    advance(agreed.case, effects=(DoEffect("nobody_writes"), DoEffect("ask_later")))
    with changing(agreed.case.id) as case:
        effects.ask_later(case=case, args=Nothing(), now=agreed.starts)
    [survey] = CallBack.objects.filter(survey_of=agreed.row)
    _no_call_is_ahead_in(survey, agreed)
    item = ask(survey.case, "call_survey")
    answering.answer(item_id=item.id, by=agreed.customer, data={"solved": "no", "rated": "1"})

    assert survey.case.outbox.get(kind="start").payload["facts"] == {"survey": True}
    assert (agreed.row.solved, agreed.row.rated) == ("no", 1)
    advance(survey.case, effects=(DoEffect("supervisor_calls"),), close=Close("done"))
    follows = CallBack.objects.get(role=Role.SUPERVISOR)
    assert (follows.about_id, follows.asked_by_customer) == (agreed.case.id, True)


def _no_call_is_ahead_in(survey: CallBack, agreed: Agreed) -> None:
    """Its process waits for two answers: whoever changed a call in it would wait for ever."""
    case_id, later = survey.case_id, key_of(agreed.starts + QUARTER)
    who, at = make_staff(role=Role.SUPPORT), tomorrow(11)
    came = take_in(number="", agent=who, by=actor(who), now=at, key="x", customer=survey.case.customer)
    tries: list[Callable[[], object]] = [
        lambda: moving.move(case_id=case_id, window=later, by=agreed.customer),
        lambda: calling_off.call_off(case_id=case_id, for_good=True, by=agreed.customer),
        lambda: ringing_back.take(case_id=case_id, call_id=came.id, by=actor(who), now=at),
    ]
    for refused in tries:
        with pytest.raises(Conflict, match=r"no call ahead|No call is waited for"):
            refused()
    assert ringing_back.waiting(survey.case.customer) == []
    assert StaffedQuarter.objects.get(starts=agreed.starts + QUARTER).taken == 0


def test_a_case_that_closes_gives_its_place_back_and_frees_its_agent(agreed: Agreed) -> None:
    agreed.prepare()
    advance(agreed.case, close=Close("withdrawn"))

    assert StaffedQuarter.objects.get(starts=agreed.starts).taken == 0
    assert agreed.row.state == CallBackState.OVER
    assert Call.objects.get().outcome == CallOutcome.CALLED_OFF


def test_in_a_case_that_is_paused_nobody_dials(agreed: Agreed) -> None:
    agreed.prepare()
    Case.objects.filter(pk=agreed.case.pk).update(state="frozen")
    with pytest.raises(Conflict, match="paused"):
        dialling.dial(case_id=agreed.case.id, by=agreed.by, now=agreed.starts)


def test_after_a_conversation_nobody_calls_about_it_for_seven_days_but_a_supervisor_after_bad_answers(
    agreed: Agreed,
) -> None:
    agreed.speak()
    with changing(agreed.case.id) as case:
        effects.supervisor_calls(case=case, args=Nothing(), now=agreed.starts)
    follows = CallBack.objects.get(role=Role.SUPERVISOR)

    assert follows.about_id == agreed.case.id
    done = advance(follows.case, effects=(DoEffect("may_we_call"),), at=tomorrow(12))
    assert done.facts == {}
    again = of_ourselves(agreed.case.customer, about=str(agreed.case.id), soon=True)
    CallBack.objects.filter(case=again).update(about=None, topic="cards")
    done = advance(again, effects=(DoEffect("may_we_call"),), at=tomorrow(12))
    assert done.facts["until"] > tomorrow(12, days=7).isoformat()
    assert CallBack.objects.get(case=again).why_waits == "spoken"


def test_supervisors_see_the_numbers_of_the_week_and_nobody_else(agreed: Agreed) -> None:
    agreed.speak()
    survey = ask(agreed.case, "call_survey")
    answering.answer(item_id=survey.id, by=agreed.customer, data={"solved": "yes", "rated": "4"}, now=agreed.starts)
    [week, *_others] = figures.weeks(by=actor(make_staff(role=Role.SUPERVISOR)), now=agreed.starts)

    assert (week.spoken, week.answered, week.solved, week.rated) == (1, 1, 1, 4.0)
    with pytest.raises(Forbidden, match="supervisor"):
        figures.weeks(by=actor(make_staff()), now=agreed.starts)


@pytest.mark.parametrize(
    ("solved", "rated", "outcome"), [("yes", "3", "content"), ("yes", "2", "discontent"), ("no", "5", "discontent")]
)
def test_bad_answers_make_a_supervisor_call(agreed: Agreed, solved: str, rated: str, outcome: str) -> None:
    item = ask(agreed.case, "call_survey")
    receipt = answering.answer(item_id=item.id, by=agreed.customer, data={"solved": solved, "rated": rated})

    assert receipt.outcome == outcome
