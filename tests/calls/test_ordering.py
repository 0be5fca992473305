"""What a caller orders is opened once, by the agent of the call, and its timeline says on whose order. The wrap-up
cannot be skipped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from backoffice.actors import CALLER_CODE
from backoffice.calls import ordering
from backoffice.calls.models import Call
from backoffice.cards.models import Reason
from backoffice.cases import answering, need_to_know, timeline
from backoffice.cases.models import Case, Event
from backoffice.customers import reading
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound
from backoffice.staff.models import Role
from tests.calls.calling import OnTheLine, make_agent, take_call
from tests.factories import actor, make_staff, now
from tests.playing import ask, close

pytestmark = pytest.mark.django_db


def wanted(line: OnTheLine, **fields: str) -> dict[str, str]:
    return {"card": str(line.card.public_id), "reason": Reason.LOST.value, **fields}


def order(line: OnTheLine, **fields: str) -> Case:
    return ordering.order(case_id=line.case.id, by=line.by_agent, data=wanted(line, **fields))


def write(line: OnTheLine, **fields: str) -> answering.Receipt:
    item = line.wrap_up()
    data = {"ordered_by": "holder", "changed": "A lost card is replaced.", **fields}
    return answering.answer(item_id=item.id, by=line.by_agent, data=data)


def test_what_was_ordered_is_opened_and_says_on_whose_order(line: OnTheLine) -> None:
    line.is_proven()

    opened = order(line)

    assert (opened.process, opened.customer, line.call.opened) == ("card_reissue", line.customer, opened)
    first = Event.objects.get(case=opened, kind="case.opened")
    assert (first.actor_id, first.proof) == (str(line.agent.public_id), CALLER_CODE)
    assert Event.objects.get(case=opened, kind="call.ordered_in").data == {"reference": line.case.reference}
    assert Event.objects.get(case=line.case, kind="call.opened").data == {"reference": opened.reference}
    assert (timeline.verify(opened), timeline.verify(Case.objects.get(pk=line.case.pk))) == (None, None)


def test_ordering_again_gives_the_same_case(line: OnTheLine) -> None:
    line.is_proven()

    assert order(line) == order(line, reason=Reason.STOLEN.value)
    assert Case.objects.filter(process="card_reissue").count() == 1


def test_without_the_code_nothing_is_opened(line: OnTheLine) -> None:
    line.shows()
    with pytest.raises(Conflict, match="No code fitted"):
        order(line)
    answering.answer(item_id=line.typing.id, by=line.by_agent, data={"no_code": "on"})
    with pytest.raises(Conflict, match="No code fitted"):
        order(line)

    assert not Case.objects.filter(process="card_reissue").exists()


def test_only_the_agent_of_the_call_opens_it(line: OnTheLine) -> None:
    line.is_proven()
    for by in (actor(make_agent()), actor(make_staff(role=Role.SUPERVISOR))):
        with pytest.raises(NotFound):
            ordering.order(case_id=line.case.id, by=by, data=wanted(line))
    for by in (line.by_customer, actor(make_staff(role=Role.APPROVER))):
        with pytest.raises(Forbidden):
            ordering.order(case_id=line.case.id, by=by, data=wanted(line))


def test_what_is_wrong_in_the_form_leaves_the_code_good(line: OnTheLine) -> None:
    line.is_proven()
    with pytest.raises(Invalid) as refused:
        order(line, card="0000", reason="")

    assert set(refused.value.errors) == {"card", "reason"}
    assert line.call.opened is None
    order(line)


def test_after_a_quarter_of_an_hour_and_after_the_wrap_up_it_is_too_late(line: OnTheLine) -> None:
    line.is_proven()
    late = time_machine.travel(now() + timedelta(minutes=15, seconds=1), tick=True)
    with late, pytest.raises(Conflict, match="This call is over"):
        order(line)
    write(line)

    with pytest.raises(Conflict, match="This call is over"):
        order(line)


# --- the wrap-up ------------------------------------------------------------------------------------------------------


def test_the_wrap_up_says_what_changed_on_whose_order_by_which_login_and_code(line: OnTheLine) -> None:
    line.is_proven()
    order(line)

    write(line)

    event = Event.objects.get(case=line.case, kind="call.wrapped_up")
    assert event.data == {"ordered_by": "holder", "login": "webauthn", "number": "1"}
    assert (event.reason, event.actor_id) == ("A lost card is replaced.", str(line.agent.public_id))
    assert line.call.wrapped_at is not None
    take_call(customer=line.customer, agent=line.agent)


def test_nobody_ordered_anything_without_a_code(line: OnTheLine) -> None:
    answering.answer(item_id=line.typing.id, by=line.by_agent, data={"no_code": "on"})

    with pytest.raises(Invalid, match="nobody could order anything"):
        write(line)
    assert line.call.wrapped_at is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"ordered_by": "nobody"}, "Say on whose order"),
        ({"ordered_by": ""}, "required"),
        ({"changed": " "}, "Say what changed"),
        ({"changed": "Card 4111 1111 1111 1111"}, "card"),
    ],
)
def test_a_wrap_up_that_says_nothing_is_refused(line: OnTheLine, fields: dict[str, str], said: str) -> None:
    line.is_proven()
    order(line)

    with pytest.raises(Invalid, match=said):
        write(line, **fields)
    assert line.call.wrapped_at is None


def test_a_supervisor_writes_down_what_the_agent_did_not(line: OnTheLine) -> None:
    line.is_proven()
    item = ask(line.case, "wrap_up_late", stage="proven")
    by = actor(make_staff(role=Role.SUPERVISOR))

    answering.answer(item_id=item.id, by=by, data={"ordered_by": "nobody", "changed": "The line went dead."})

    assert line.call.wrapped_at is not None
    assert Event.objects.get(case=line.case, kind="call.wrapped_up").actor_id == by.id


def test_a_call_that_an_operator_ended_keeps_no_agent_from_the_next(line: OnTheLine) -> None:
    close(line.case, "failed")

    assert Call.objects.get(case=line.case).wrapped_at is not None


def test_after_the_code_the_record_is_read_for_the_call_and_that_is_noted(line: OnTheLine) -> None:
    line.is_proven()
    by: dict[str, Any] = {"by": line.by_agent, "user": line.agent, "now": now(), "page": "test"}

    access = need_to_know.read_customer(line.customer, **by)

    assert access.case_id == line.case.id
    assert reading.openings_of(customer=line.customer).count() == 1
