"""Reporting a card: blocked at once where that is needed, and one case however often the page is sent."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from backoffice.cards.models import CardState
from backoffice.cases.models import Case
from tests.portal.conftest import Person, make_person

pytestmark = pytest.mark.django_db


def report(person: Person, **answers: object) -> object:
    answers = {"card": str(person.card.public_id), "reason": "lost", "key": str(uuid.uuid4())} | answers
    return person.client.post(reverse("portal:report"), answers)


def test_a_lost_card_is_blocked_and_a_case_is_open(maria: Person) -> None:
    response = report(maria)

    maria.card.refresh_from_db()
    case = Case.objects.get()
    assert response.headers["Location"] == reverse("portal:case", args=[case.reference])  # type: ignore[attr-defined]
    assert maria.card.state == CardState.BLOCKED


def test_the_same_page_sent_twice_opens_one_case(maria: Person) -> None:
    key = str(uuid.uuid4())

    first, second = report(maria, key=key), report(maria, key=key)

    assert first.headers["Location"] == second.headers["Location"]  # type: ignore[attr-defined]
    assert Case.objects.count() == 1


def test_the_same_page_with_other_answers_is_refused(maria: Person) -> None:
    key = str(uuid.uuid4())
    report(maria, key=key)

    response = report(maria, key=key, reason="damaged")

    assert response.status_code == 409  # type: ignore[attr-defined]
    assert Case.objects.count() == 1


def test_a_card_that_is_being_replaced_is_not_offered_and_is_refused_on_its_field(maria: Person) -> None:
    report(maria)

    page = maria.client.get(reverse("portal:report")).content.decode()
    response = report(maria)

    assert "A new card is already being made" in page
    assert set(response.context["form"].errors) == {"card"}  # type: ignore[attr-defined]
    assert response.status_code == 400  # type: ignore[attr-defined]


def test_another_customers_card_is_not_in_the_list(maria: Person) -> None:
    anna = make_person()

    response = report(maria, card=str(anna.card.public_id))

    assert set(response.context["form"].errors) == {"card"}  # type: ignore[attr-defined]
    assert not Case.objects.exists()


def test_everything_that_is_missing_is_told_at_once(maria: Person) -> None:
    response = maria.client.post(reverse("portal:report"), {"key": str(uuid.uuid4())})

    assert set(response.context["form"].errors) == {"card", "reason"}
