"""Threats 5 and 9: the code is good for one case, one thing, one agent, once, for ten minutes and three tries."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import serializers

from backoffice.actors import ActorKind
from backoffice.calls import codes
from backoffice.calls.models import Call
from backoffice.cases import answering, freezing
from backoffice.cases.models import Command, Event, IncidentKind, ItemState, WorkItem
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound, TryRefused
from backoffice.staff.models import Role
from backoffice.trust.models import Code
from tests.calls.calling import OnTheLine, take_call
from tests.factories import actor, make_customer, make_staff, now
from tests.playing import ask, close, customer_actor, incidents_of
from workflows.base.contracts import DoEffect

pytestmark = pytest.mark.django_db
WRONG = "22222222"


def kinds(line: OnTheLine) -> list[str]:
    found = Event.objects.filter(case=line.case, kind__startswith="call.").order_by("number")
    return list(found.values_list("kind", flat=True))


def is_no_use(line: OnTheLine, code: str) -> None:
    with pytest.raises(TryRefused) as refused:
        line.types(code)
    assert (refused.value.code, refused.value.field) == ("code_refused", "code")


def test_the_code_that_the_customer_reads_out_proves_the_caller(line: OnTheLine) -> None:
    code = line.shows()

    receipt = line.types(code.lower().replace(" ", "-"))

    assert (receipt.outcome, line.call.state) == ("proven", "proven")
    assert kinds(line) == ["call.code_shown", "call.proven"]
    shown = Event.objects.get(case=line.case, kind="call.code_shown")
    assert (shown.actor_kind, shown.proof, shown.data) == (ActorKind.CUSTOMER, "webauthn", {"number": "1"})
    assert Command.objects.filter(case=line.case, signal="answered").count() == 2


def test_the_code_is_in_no_row_no_event_and_no_command(line: OnTheLine) -> None:
    code = line.shows().replace(" ", "")
    line.types(code)

    rows = [*Code.objects.all(), *Call.objects.all(), *Event.objects.all(), *Command.objects.all()]
    written = serializers.serialize("json", [*rows, *WorkItem.objects.all()])

    assert len(code) == 8
    assert code not in written


def test_before_the_customer_has_it_shown_there_is_no_code(line: OnTheLine) -> None:
    assert line.code() == ""
    is_no_use(line, WRONG)
    assert line.call.wrong == 1


@pytest.mark.parametrize("typed", ["2345", "23456789A", "2"])
def test_a_slip_of_the_finger_is_no_try(line: OnTheLine, typed: str) -> None:
    code = line.shows()
    with pytest.raises(Invalid, match="not counted as a try"):
        line.types(typed)

    assert line.call.wrong == 0
    assert line.types(code).outcome == "proven"


def test_the_third_wrong_code_ends_it_with_an_alarm_and_a_right_one_is_too_late(line: OnTheLine) -> None:
    code = line.shows()
    with pytest.raises(TryRefused, match="2 tries are left"):
        line.types(WRONG)
    with pytest.raises(TryRefused, match="1 try is left"):
        line.types(WRONG)

    assert line.types(WRONG).outcome == "not_proven"
    assert line.types(code).again
    with pytest.raises(Conflict, match="Nobody of us waits for a code"):
        codes.show_another(case_id=line.case.id, by=line.by_customer)
    assert line.call.state == "not_proven"
    assert kinds(line)[1:] == ["call.code_wrong", "call.code_wrong", "call.code_wrong", "call.not_proven"]
    assert incidents_of(line.case) == [(IncidentKind.ALARM, "not_proven")]
    assert line.code() == ""


def test_new_codes_give_no_new_tries(line: OnTheLine) -> None:
    line.shows()
    is_no_use(line, WRONG)
    is_no_use(line, WRONG)
    codes.show_another(case_id=line.case.id, by=line.by_customer)

    assert line.types(WRONG).outcome == "not_proven"


def test_an_older_code_is_void_once_there_is_a_new_one(line: OnTheLine) -> None:
    old = line.shows()
    codes.show_another(case_id=line.case.id, by=line.by_customer)

    is_no_use(line, old)
    assert line.types(line.code()).outcome == "proven"


def test_after_ten_minutes_it_is_too_late(line: OnTheLine) -> None:
    code = line.shows()
    with time_machine.travel(now() + timedelta(minutes=10, seconds=1), tick=True):
        assert line.code() == ""
        is_no_use(line, code)
        codes.show_another(case_id=line.case.id, by=line.by_customer)
        assert line.types(line.code()).outcome == "proven"


def test_the_code_of_one_case_is_refused_in_another_of_the_same_customer_and_agent() -> None:
    one = take_call()
    code = one.shows()
    answering.answer(item_id=one.typing.id, by=one.by_agent, data={"no_code": "on"})
    Call.objects.filter(case=one.case).update(wrapped_at=now())
    close(one.case, "rejected")
    other = take_call(customer=one.customer, agent=one.agent)
    other.shows()

    is_no_use(other, code)


def test_the_code_for_one_agent_is_refused_at_another(line: OnTheLine) -> None:
    """Threat 5: whoever relays the code to another agent has nothing."""
    code, thief = line.shows(), take_call(customer=line.customer)

    is_no_use(thief, code)
    with pytest.raises(NotFound):
        line.types(code, by=thief.by_agent)
    line.typing.holder = thief.agent
    line.typing.save(update_fields=["holder"])
    with pytest.raises(TryRefused):
        line.types(code, by=thief.by_agent)


def test_the_code_for_one_thing_is_refused_for_another(line: OnTheLine) -> None:
    code = line.shows()
    Call.objects.filter(case=line.case).update(wants="home_visit")

    assert line.code() != code
    is_no_use(line, code)


def test_it_is_shown_to_its_customer_and_nobody_else(line: OnTheLine) -> None:
    line.shows()
    stranger = customer_actor(make_customer())

    assert codes.to_read_out(line.call, by=line.by_agent, now=now()) is None
    assert codes.to_read_out(line.call, by=stranger, now=now()) is None
    for act in (codes.show_another, codes.deny):
        with pytest.raises(NotFound):
            act(case_id=line.case.id, by=stranger)
        with pytest.raises(Forbidden):
            act(case_id=line.case.id, by=line.by_agent)


def test_the_same_answer_again_is_a_receipt_and_a_used_code_proves_nobody(line: OnTheLine) -> None:
    code = line.shows()
    line.types(code)

    assert line.types(code).again
    assert line.code() == ""
    assert kinds(line).count("call.proven") == 1


def test_a_caller_who_has_no_code_is_refused_and_that_is_noted(line: OnTheLine) -> None:
    receipt = answering.answer(item_id=line.typing.id, by=line.by_agent, data={"no_code": "on"})

    assert (receipt.outcome, line.call.state, kinds(line)) == ("no_code", "no_code", ["call.no_code"])


def test_a_code_and_no_code_contradict_each_other(line: OnTheLine) -> None:
    for data, said in (({"code": WRONG, "no_code": "on"}, "Which is it"), ({}, "Type the code, or say")):
        with pytest.raises(Invalid, match=said):
            answering.answer(item_id=line.typing.id, by=line.by_agent, data=data)


# --- the customer says that they are not talking to us ----------------------------------------------------------------


@pytest.mark.parametrize("shown_before", [False, True])
def test_who_does_not_talk_to_us_stops_it_at_once_with_an_alarm(line: OnTheLine, shown_before: bool) -> None:
    code = line.shows() if shown_before else WRONG
    if shown_before:
        codes.deny(case_id=line.case.id, by=line.by_customer)
        codes.deny(case_id=line.case.id, by=line.by_customer)
    else:
        answering.answer(item_id=line.giving.id, by=line.by_customer, data={"answer": "denied"})

    with pytest.raises(Conflict) as late:
        line.types(code)
    assert late.value.code == "withdrawn"
    assert (line.call.state, kinds(line).count("call.denied")) == ("denied", 1)
    assert incidents_of(line.case) == [(IncidentKind.ALARM, "denied")]
    assert Command.objects.filter(case=line.case, signal="happened").count() == 1
    assert not WorkItem.objects.filter(case=line.case, state=ItemState.OPEN).exists()


def test_after_the_code_was_used_it_cannot_be_denied(line: OnTheLine) -> None:
    line.is_proven()

    with pytest.raises(Conflict, match="Nobody of us waits for a code"):
        codes.deny(case_id=line.case.id, by=line.by_customer)
    assert line.call.state == "proven"


def test_while_the_case_is_frozen_nobody_gets_or_types_a_code(line: OnTheLine) -> None:
    code = line.shows()
    freezing.freeze(case_id=line.case.id, by=line.by_agent, reason="suspicion")

    assert line.code() == ""
    for act in (codes.show_another, codes.deny):
        with pytest.raises(Conflict, match="paused"):
            act(case_id=line.case.id, by=line.by_customer)
    with pytest.raises(Conflict):
        line.types(code)


# --- nobody does anything ---------------------------------------------------------------------------------------------


def test_where_nobody_types_a_code_the_process_notes_it(line: OnTheLine) -> None:
    ask(line.case, "wrap_up", expires=("type_code",), effects=(DoEffect("end_call", {"result": "silent"}),))

    assert (line.call.state, kinds(line)) == ("silent", ["call.silent"])
    assert line.code() == ""


def test_what_people_did_meanwhile_stays(line: OnTheLine) -> None:
    codes.deny(case_id=line.case.id, by=line.by_customer)
    ask(line.case, "wrap_up", effects=(DoEffect("end_call", {"result": "silent"}),))

    assert line.call.state == "denied"


def test_a_supervisor_looks_into_it_and_the_alarm_is_over(line: OnTheLine) -> None:
    codes.deny(case_id=line.case.id, by=line.by_customer)
    item = ask(line.case, "look_into_caller")
    data = {"called_customer": "reached", "outcome": "suspect", "reason": "They were at home and had not called"}
    answering.answer(item_id=item.id, by=actor(make_staff(role=Role.SUPERVISOR)), data=data)

    assert incidents_of(line.case) == []
    assert kinds(line)[-1] == "call.suspect"
