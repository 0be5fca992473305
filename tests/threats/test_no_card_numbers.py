"""Threat 16, on the way in: text from a customer or a colleague is never stored with a card number in it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backoffice import no_card_numbers
from backoffice.actors import Level
from backoffice.cases import answering, catalogue, freezing
from backoffice.cases.models import Event, ItemState, WorkItem
from backoffice.refusals import Invalid
from backoffice.staff.models import Role
from tests.factories import actor, make_card, make_staff
from tests.playing import ask, customer_actor, open_card_case

CARDS = [
    "4111111111111111",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "5555.5555.5555.4444",
    "378282246310005",
    "3782 822463 10005",
    "6011000990139424",
    "6304000000000000",
    "30569309025904",
    "4222222222222",
    "4111 1111 1111 1111 12/29 123",
    "12/29 4111 1111 1111 1111",
    "my card is4111111111111111!",
    "4111\u00a01111\u00a01111\u00a01111",
    "4111 - 1111 - 1111 - 1111",
    "4111    1111    1111    1111",
    "4111\u20131111\u20141111\u22121111",
    "4111\n1111\r\n1111\t1111",
    "4\u200b1\u200b1\u200b1\u200b1111\u2060 1111\u00ad1111",
    "4\u03321\u03321\u03321\u0332 1111 1111 1111",
    "\uff14\uff11\uff11\uff11 1111 1111 1111, which is mine",
    "\u0664\u0661\u0661\u0661 \u0661\u0661\u0661\u0661 1111 1111 12/29",
    "1 4111 1111 1111 1111",
    "my key 2a804a03-70fe-4fa6-a4d0-089981114013",
    "2a804a03-70fe-0fa6-a4d0-089981114013",
    "41111111-1008-4111-8111-111111111111",
]
NO_CARDS = [
    "",
    "4111 1111 1111 1112",
    "on 2026-11-22 at 14:00 they took 1200.00",
    "call me on +31 20 555 0100 or +31 20 555 0101",
    "case K7Q-4MX-2, card ending 1111",
    "0000 0000 0000 0000",
    "41111111111111111111111111",
    "4111\u200b" * 5,
    "4111 (1111) 1111 1111",
    "4111 (at) 1111 (at) 1111 (at) 1111",
    "2a804a03-70fe-4fa6-a4d0-089981114013",
]


@pytest.mark.parametrize("text", CARDS)
def test_a_card_number_is_seen_however_it_is_written(text: str) -> None:
    assert no_card_numbers.has_card_number(text)
    assert not no_card_numbers.has_card_number(str(no_card_numbers.without({"told_us": text})))


@pytest.mark.parametrize("text", NO_CARDS)
def test_other_digits_are_left_alone(text: str) -> None:
    assert not no_card_numbers.has_card_number(text)
    assert no_card_numbers.without({"told_us": text, "many": [text], "yes": True}) == {
        "told_us": text, "many": [text], "yes": True,
    }  # fmt: skip


def by_definition(text: str) -> Iterator[tuple[int, int]]:
    """What a card number is, read off the definition: each part of each run of groups is tried, however long it takes.
    For plain characters only; blanks in a row are one."""
    for run in re.finditer(r"[0-9]+(?:(?: +|[.\-/]){1,3}[0-9]+)*", text):
        groups = [(run.start() + one.start(), run.start() + one.end()) for one in re.finditer(r"[0-9]+", run[0])]
        for first, (start, _end) in enumerate(groups):
            for last, (_start, end) in enumerate(groups[first:], start=first):
                digits = re.sub("[^0-9]", "", text[start:end])
                whole = (first, last) == (0, len(groups) - 1)
                if (whole or digits[0] in "23456") and 13 <= len(digits) <= 19 and fits(digits):
                    yield start, end


def fits(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return len(set(digits)) > 1 and sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


PARTS = [
    "4111111111111111",
    "4111",
    "1111",
    "1234567890128",
    "12/29",
    "0",
    "1",
    "2",
    "6",
    "38",
    " ",
    " ",
    "-",
    ".",
    "x",
]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=14).map("".join) | st.text("0123456789 ./-x", max_size=60)


@given(TEXTS)
@example("1234567890128 4111 1111 1111 1111")
@example("1234567890128    4111")
@example("4111 1111 1111 1111 1111 1111 1111 1111")
@example("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 4 2 2 2 2 2 2 2 2 2 2 2 2")
def test_one_pass_finds_what_the_definition_finds_and_leaves_nothing_of_it(text: str) -> None:
    masked = no_card_numbers.without({"told_us": text})["told_us"]

    assert no_card_numbers.has_card_number(text) == any(by_definition(text))
    assert not any(by_definition(masked))
    assert (masked == text) == (not any(by_definition(text)))


def by_definition_of_machines(text: str) -> Iterator[tuple[int, int]]:
    """The same for what machines write: each stretch of each row of digits is tried."""
    for run in re.finditer(r"[0-9](?:[^0-9a-z]{0,6}[0-9])*", text):
        places = [run.start() + one.start() for one in re.finditer("[0-9]", run[0])]
        digits = re.sub("[^0-9]", "", run[0])
        for start in range(len(digits)):
            for length in range(13, 20):
                one = digits[start : start + length]
                if len(one) == length and (one == digits or one[0] in "23456") and fits(one):
                    yield places[start], places[start + length - 1] + 1


@given(TEXTS | st.text("0123456789 [],\"'_:x", max_size=60))
@example("0000411111111111111199")
@example('["4111", "1111", "1111", "1111"]')
@example("4111111111111111 [12] 4222222222222, 9")
def test_of_what_machines_write_no_stretch_is_left_that_could_be_a_card_number(text: str) -> None:
    masked = no_card_numbers.masked(text, no_card_numbers.BY_MACHINES)

    assert not any(by_definition_of_machines(masked))
    assert (masked == text) == (not any(by_definition_of_machines(text)))
    assert no_card_numbers.masked(masked, no_card_numbers.BY_MACHINES) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("0000411111111111111199 and 12", "····1111 and 12"),
        ('{"a": [4111, 1111, 1111, 1111], "b": 7}', '{"a": [····1111], "b": 7}'),
        ("4111····1111····1111····1111", "····1111"),
        ("4\u200b1\ud8001\x001" + "\u2060" * 9 + "1111 _ 1111 | 1111", "····1111"),
        ("\uff14\uff11\uff11\uff11" + " \u0661\u0661\u0661\u0661" * 3, "····1111"),
        ("2026-11-22 at 14:00 they took 1200.00", "2026-11-22 at 14:00 they took 1200.00"),
        ("4111 x 1111 x 1111 x 1111", "4111 x 1111 x 1111 x 1111"),
        ("2a804a03-70fe-4fa6-aaa4-000000000006", "2a804a03-70fe-4fa6-aaa4-000000000006"),
        ("id 2a804a03-70fe-4fa6-aaa4-000000000006", "id 2a804a03-70fe-4fa6-aaa····0006"),
    ],
)
def test_a_card_number_in_what_machines_write_keeps_its_last_four(text: str, masked: str) -> None:
    assert no_card_numbers.masked(text, no_card_numbers.BY_MACHINES) == masked


def lines_run(work: Callable[[], object]) -> int:
    """How many lines of Python the work runs, in all functions: a measure that no busy machine changes."""
    ran = 0

    def count(_frame: FrameType, event: str, _arg: object) -> Any:
        nonlocal ran
        ran += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        work()
    finally:
        sys.settrace(before)
    return ran


LONG = {
    "single digits": "1 ",
    "digits": "1",
    "groups of four": "1111 ",
    "dates": "2026-11-22 ",
    "card numbers": "4111 1111 1111 1111 ",
    "digits joined by what nobody sees": "1\u200b",
    "digits with marks": "1\u0301\u0316",
    "dashes": "-",
    "what nobody sees": "1" + "\u200b" * 99,
}


@pytest.mark.parametrize("part", LONG.values(), ids=LONG.keys())
def test_twice_the_text_is_twice_the_work(part: str) -> None:
    short, long = (part * 20_000)[:5_000], (part * 20_000)[:10_000]

    for work in (
        no_card_numbers.has_card_number,
        lambda text: no_card_numbers.without({"told_us": text}),
        lambda text: no_card_numbers.masked(text, no_card_numbers.BY_MACHINES),
    ):
        assert lines_run(lambda: work(long)) <= 2.1 * lines_run(lambda: work(short)) + 1_000  # noqa: B023


SURVEY = {"card_where": "with_me", "contacted": "call", "asked_for_secrets": "refused", "address_right": "yes"}
TEXT = "They asked for my card 4111 1111 1111 1111 and I told them."


@pytest.mark.django_db
def test_a_survey_with_a_card_number_is_refused_beside_its_field() -> None:
    item = ask(open_card_case(make_card()), "email_survey")

    with pytest.raises(Invalid) as refused:
        answering.answer(item_id=item.id, by=customer_actor(item.case.customer), data={**SURVEY, "told_us": TEXT})

    assert refused.value.errors == {"told_us": ["This looks like a card number. We never need it: please take it out."]}
    item.refresh_from_db()
    assert (item.state, item.answer) == (ItemState.OPEN, None)


@pytest.mark.django_db
def test_a_draft_keeps_the_last_four_digits_only() -> None:
    item = ask(open_card_case(make_card()), "email_survey")

    answering.save_draft(item_id=item.id, by=customer_actor(item.case.customer), data={**SURVEY, "told_us": TEXT})

    item.refresh_from_db()
    assert item.draft == {**SURVEY, "told_us": "They asked for my card ····1111 and I told them."}


@pytest.mark.django_db
def test_a_decision_with_a_card_number_in_its_reason_is_refused() -> None:
    item = ask(open_card_case(make_card()), "approve_reissue")
    approver = actor(make_staff(role=Role.APPROVER))

    with pytest.raises(Invalid) as refused:
        answering.answer(item_id=item.id, by=approver, data={"outcome": "approved", "reason": TEXT})

    assert list(refused.value.errors) == ["reason"]


@pytest.mark.django_db
def test_no_timeline_takes_a_card_number_whatever_the_route() -> None:
    case = open_card_case(make_card())
    before = Event.objects.count()

    with pytest.raises(Invalid):
        freezing.freeze(case_id=case.id, by=actor(make_staff()), reason=TEXT)

    case.refresh_from_db()
    assert (case.state, Event.objects.count()) == ("open", before)


@pytest.mark.django_db
def test_every_form_of_a_card_case_guards_its_free_text() -> None:
    case = open_card_case(make_card())
    kinds = ["email_survey", "call_customer", "approve_reissue", "identify_at_branch"]

    for kind in kinds:
        item = WorkItem(case=case, kind=kind, level=Level.SIGNED_IN)
        data = {"reason": TEXT, "told_us": TEXT}
        form = catalogue.answering(item).form_for(item, by=customer_actor(case.customer), data=data)
        free = [name for name in ("reason", "told_us") if name in form.fields]
        assert free
        assert all("card number" in str(form.errors[name]) for name in free)
