"""Threat 16, on the way in: text from a customer or a colleague is never stored with a card number in it."""

from __future__ import annotations

import pytest

from backoffice.actors import Level
from backoffice.cases import answering, catalogue, freezing, no_card_numbers
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
]
NO_CARDS = [
    "",
    "4111 1111 1111 1112",
    "on 2026-11-22 at 14:00 they took 1200.00",
    "call me on +31 20 555 0100 or +31 20 555 0101",
    "case K7Q-4MX-2, card ending 1111",
    "0000 0000 0000 0000",
    "41111111111111111111111111",
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


SURVEY = {"card_where": "with_me", "contacted": "call", "asked_for_secrets": "yes", "address_right": "yes"}
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
