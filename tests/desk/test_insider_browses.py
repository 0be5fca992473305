"""Threat 8: a customer's record and cases open only for a case or with a reason; each look and each refusal is
noted."""

from __future__ import annotations

import pytest

from backoffice.cards.models import Card
from backoffice.cases.models import Case, Part
from backoffice.customers.models import Access
from backoffice.staff.models import Role
from tests.desk.conftest import Desk
from tests.factories import make_card, make_staff
from tests.playing import ask, close, open_card_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def card() -> Card:
    return make_card()


def record(card: Card) -> str:
    return f"/desk/customer/{card.customer.public_id}/"


def test_without_a_case_or_a_reason_nothing_is_shown_and_it_is_noted(at_desk: Desk, card: Card) -> None:
    nosy = make_staff()

    answer = at_desk(nosy).get(record(card))

    assert answer.status_code == 403
    assert card.customer.name not in answer.content.decode()
    assert "Why do you open this record?" in answer.content.decode()
    noted = Access.objects.get(customer=card.customer)
    assert (noted.user, noted.refused, noted.page) == (nosy, True, "desk:customer")


@pytest.mark.parametrize("path", ["case/{0}/", "item/{1}/"])
def test_a_case_of_others_needs_a_reason_too(at_desk: Desk, card: Card, path: str) -> None:
    item = ask(open_card_case(card), "approve_reissue")

    answer = at_desk(role=Role.SUPPORT).get("/desk/" + path.format(item.case.reference, item.id))

    assert answer.status_code == 403
    assert card.customer.name not in answer.content.decode()
    assert Access.objects.filter(customer=card.customer, refused=True).count() == 1


def test_a_live_timeline_does_not_tell_what_its_page_would_not(at_desk: Desk, card: Card) -> None:
    case = open_card_case(card)

    answer = at_desk().get(f"/desk/live/case/{case.reference}/")

    assert answer.status_code == 286
    assert answer.headers["HX-Retarget"] == "#news", "the timeline stays"
    assert case.reference not in answer.content.decode()
    assert card.customer.name not in answer.content.decode()


def test_a_reason_opens_the_record_and_the_customer_may_read_it(at_desk: Desk, card: Card) -> None:
    hanna = make_staff()
    desk = at_desk(hanna)
    desk.get(record(card))

    opened = desk.post(f"{record(card)}why/?next={record(card)}", {"why": "contact", "words": ""}, follow=True)

    assert opened.status_code == 200
    assert card.customer.name in opened.content.decode()
    noted = Access.objects.get(customer=card.customer, refused=False)
    assert noted.reason == "The customer is on the phone or at the counter"
    assert noted.reason in opened.content.decode()


def test_another_reason_needs_words(at_desk: Desk, card: Card) -> None:
    answer = at_desk().post(f"{record(card)}why/", {"why": "other", "words": "x"})

    assert answer.status_code == 403
    assert "Say in a few words why you open this record." in answer.content.decode()
    assert not Access.objects.filter(refused=False).exists()


def test_a_card_number_in_the_words_is_refused_on_their_field(at_desk: Desk, card: Card) -> None:
    answer = at_desk().post(f"{record(card)}why/", {"why": "other", "words": "They said 4111 1111 1111 1111"})

    assert answer.status_code == 403
    assert "This looks like a card number." in answer.content.decode()
    assert not Access.objects.filter(refused=False).exists()


def test_a_case_in_hand_is_reason_enough_and_is_noted_with_the_case(at_desk: Desk, card: Card) -> None:
    item = ask(open_card_case(card), "call_customer")

    answer = at_desk(role=Role.SUPPORT).get(f"/desk/case/{item.case.reference}/")

    assert answer.status_code == 200
    noted = Access.objects.get(customer=card.customer)
    assert (noted.case_id, noted.refused, noted.reason) == (item.case_id, False, "")


def test_a_closed_case_is_no_reason(at_desk: Desk, card: Card) -> None:
    hanna, case = make_staff(), open_card_case(card)
    Part.objects.create(root=case, user=hanna, part="requester")
    close(case)

    assert at_desk(hanna).get(f"/desk/case/{case.reference}/").status_code == 403
    assert Case.objects.get().state == "closed"


def test_reading_within_half_an_hour_is_one_line(at_desk: Desk, card: Card) -> None:
    item = ask(open_card_case(card), "call_customer")
    desk = at_desk()

    for _ in range(3):
        desk.get(f"/desk/case/{item.case.reference}/")

    assert Access.objects.count() == 1


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.FIELD])
def test_a_role_without_customers_reads_none_whatever_the_reason(at_desk: Desk, card: Card, role: Role) -> None:
    desk = at_desk(role=role)

    assert desk.get(record(card), follow=True).status_code == 403
    assert desk.post(f"{record(card)}why/", {"why": "contact"}, follow=True).status_code == 403
    assert not Access.objects.filter(refused=False).exists()


def test_an_administrator_finds_nobody_by_search(at_desk: Desk, card: Card) -> None:
    answer = at_desk(role=Role.ADMINISTRATOR).get("/desk/", {"q": card.customer.family_name})

    assert answer.status_code == 403
    assert card.customer.given_name not in answer.content.decode()


@pytest.mark.parametrize("typed", ["nonsense", "00000000-0000-4000-8000-000000000000"])
def test_an_unknown_customer_is_told(at_desk: Desk, typed: str) -> None:
    answer = at_desk().get(f"/desk/customer/{typed}/")

    assert answer.status_code == 404
    assert "There is no such customer." in answer.content.decode()
