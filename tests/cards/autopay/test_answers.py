"""What the account updater answers: each line once, whatever order, and nothing that fits no line changes anything."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.actors import Actor, ActorKind
from backoffice.cards.autopay import answers, files, lines
from backoffice.cards.autopay.models import Line, LineState, Mandate
from backoffice.cards.models import CardState
from backoffice.cases.models import Alarm, Event
from backoffice.refusals import Forbidden
from tests.cards.autopay.updating import (
    UPDATER,
    answer,
    lines_of,
    make_renewed,
    now,
    open_update,
    settle,
    signals,
    states,
    take,
    update_of,
)

pytestmark = pytest.mark.django_db


def test_each_answer_of_the_networks_is_taken() -> None:
    case = open_update(make_renewed(), lines_=6)

    taken = answer(case, "AECQNP")
    settle(case)

    assert states(case) == ["moved", "moved", "to_do", "to_do", "to_do", "to_do"]
    assert (taken.moved, taken.noted, taken.apart) == (2, 4, {})
    assert signals(case) == ["all_answered"]


def test_who_has_the_new_number_has_the_new_card_in_the_register() -> None:
    card = make_renewed()
    case = open_update(card, lines_=2)

    answer(case, "AN")

    cards = list(Mandate.objects.order_by("pk").values_list("card", flat=True))
    assert cards == [card.pk, card.replaces_id]


def test_what_is_silent_is_the_customers_too_and_a_late_answer_still_counts() -> None:
    case = open_update(make_renewed(), lines_=2)
    answer(case, "A")
    settle(case)
    assert lines.in_words(lines.counts(update_of(case))) == "1 moved, 1 biller has not answered"

    answer(case, " A", number=2)

    assert states(case) == ["moved", "moved"]
    assert signals(case) == ["nothing_left"]


def test_the_same_response_again_changes_nothing_and_alarms_nobody() -> None:
    case = open_update(make_renewed(), lines_=2)
    answer(case, "AN")
    events = Event.objects.filter(case=case).count()

    again = answer(case, "AN", at=now() + timedelta(hours=1))

    assert (again.again, again.apart, Alarm.objects.count()) == (True, {}, 0)
    assert Event.objects.filter(case=case).count() == events


def test_another_response_of_the_same_number_is_kept_apart() -> None:
    case = open_update(make_renewed(), lines_=2)
    answer(case, "N")

    taken = answer(case, "A")

    assert set(taken.apart.values()) == {"other_response"}
    assert states(case) == ["to_do", "asked"]


def test_a_line_that_was_answered_before_is_kept_apart() -> None:
    case = open_update(make_renewed(), lines_=2)
    answer(case, "N")

    taken = answer(case, "AA", number=2)

    assert list(taken.apart.values()) == ["answered_before"]
    assert states(case) == ["to_do", "moved"]
    alarm = Alarm.objects.get()
    assert (alarm.code, list(alarm.told["fields"].values())) == (
        "answers_apart",
        [["This line was answered before."]],
    )


def test_a_line_twice_in_one_response_counts_once() -> None:
    case = open_update(make_renewed(), lines_=1)
    [line] = lines_of(case)

    taken = take(case, [files.AnsweredLine(line.public_id, "N"), files.AnsweredLine(line.public_id, "A")])

    assert (taken.noted, list(taken.apart.values())) == (1, ["answered_before"])


def test_a_line_that_we_never_sent_is_kept_apart_and_the_others_count() -> None:
    case = open_update(make_renewed(), lines_=1)
    [line] = lines_of(case)
    strange = uuid.uuid4()

    taken = take(case, [files.AnsweredLine(strange, "A"), files.AnsweredLine(line.public_id, "A")])

    assert (taken.moved, taken.apart) == (1, {str(strange): "unknown_line"})


def test_a_line_of_another_batch_is_as_one_that_we_never_sent() -> None:
    case, other = open_update(make_renewed(), lines_=1), open_update(make_renewed(), lines_=1)

    taken = take(case, [files.AnsweredLine(lines_of(other)[0].public_id, "A")])

    assert list(taken.apart.values()) == ["unknown_line"]
    assert states(other) == ["asked"]


def test_a_batch_that_we_never_sent_changes_nothing() -> None:
    case = open_update(make_renewed(), lines_=1)
    line = files.AnsweredLine(lines_of(case)[0].public_id, "A")

    taken = answers.take(response=files.Response(uuid.uuid4(), 1, now(), [line]), by=UPDATER, now=now())

    assert list(taken.apart.values()) == ["unknown_line"]
    assert (states(case), Alarm.objects.count()) == (["asked"], 1)


@pytest.mark.parametrize("closed", ["card", "case"])
def test_an_answer_for_what_is_closed_changes_nothing(closed: str) -> None:
    card = make_renewed()
    case = open_update(card, lines_=1)
    if closed == "card":
        card.state = CardState.CLOSED
        card.save()
    else:
        case.autopay_update.live = False
        case.autopay_update.save()

    taken = answer(case, "A")

    assert list(taken.apart.values()) == ["closed"]
    assert states(case) == ["asked"]
    assert Alarm.objects.count() == 1


def test_a_letter_that_we_do_not_know_is_kept_apart() -> None:
    case = open_update(make_renewed(), lines_=1)

    assert list(answer(case, "Z").apart.values()) == ["unknown_answer"]


def test_only_the_updater_answers() -> None:
    case = open_update(make_renewed(), lines_=1)
    customer = Actor(kind=ActorKind.CUSTOMER, id=str(case.customer.public_id))
    response = files.Response(update_of(case).batch, 1, now(), [])

    with pytest.raises(Forbidden):
        answers.take(response=response, by=customer, now=now())


def test_two_hundred_lines_are_taken_at_once() -> None:
    case = open_update(make_renewed(), lines_=200)

    taken = answer(case, "AN" * 100)
    settle(case)

    assert (taken.moved, taken.noted) == (100, 100)
    assert lines.counts(update_of(case)).yours == 100
    assert Event.objects.filter(case=case, kind="autopay.answered").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_responses_at_once_nothing_is_lost_and_nothing_counts_twice() -> None:
    """Each on its own connection, with a line of its own, one that both have, and a find that both have."""
    card = make_renewed()
    case, together = open_update(card, lines_=3), threading.Barrier(2)
    first, second, shared = (line.public_id for line in lines_of(case))
    assert card.replaces is not None
    find = files.Find(card.replaces.issuer_token, "NEWGYM1", "Example Gym", "A")

    def one(own: uuid.UUID, number: int) -> answers.Taken:
        answered = [files.AnsweredLine(own, "A"), files.AnsweredLine(shared, "N")]
        response = files.Response(update_of(case).batch, number, now(), answered, [find])
        together.wait(timeout=30)
        try:
            return answers.take(response=response, by=UPDATER, now=now())
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        taken = list(threads.map(one, (first, second), (1, 2)))

    assert states(case) == ["moved", "moved", "to_do", "moved"]
    assert [one.moved for one in taken] == [1, 1]
    assert sorted((one.noted, one.found) for one in taken) == [(0, 0), (1, 1)]
    assert [why for one in taken for why in one.apart.values()] == ["answered_before"]
    assert signals(case) == ["all_answered"]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_in_any_order_and_however_often_each_line_has_its_first_answer(data: st.DataObject) -> None:
    case = open_update(make_renewed(), lines_=3)
    ids = [line.public_id for line in lines_of(case)]
    answered = st.builds(files.AnsweredLine, st.sampled_from([*ids, uuid.UUID(int=7)]), st.sampled_from("AECQNPZ"))
    responses = data.draw(st.lists(st.lists(answered, max_size=4), max_size=4))
    order = data.draw(st.lists(st.sampled_from(range(len(responses) or 1)), max_size=8))

    first: dict[uuid.UUID, str] = {}
    seen: set[int] = set()
    for number in order:
        if number >= len(responses):
            continue
        take(case, responses[number], number=number + 1)
        if number not in seen:
            for one in responses[number]:
                if one.id in ids and one.answer != "Z":
                    first.setdefault(one.id, one.answer)
        seen.add(number)

    rows = {line.public_id: line for line in lines_of(case)}
    assert {name: row.answer for name, row in rows.items() if row.answer} == first
    assert all((row.state == LineState.MOVED) == (first.get(name) in ("A", "E")) for name, row in rows.items())
    assert Line.objects.filter(update_id=case.id).count() == 3
