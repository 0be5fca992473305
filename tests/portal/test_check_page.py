"""The public check page: three answers of one shape, no names, no traces."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from backoffice.trust import checking
from backoffice.trust.models import Contact
from tests.playing import advance
from tests.portal.conftest import Person, open_blocked
from workflows.base.contracts import SendNotice

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact(maria: Person) -> Contact:
    case = open_blocked(maria.card)
    advance(case, notices=(SendNotice("card_blocked"),))
    return Contact.objects.get(case_id=case.id, channel="mail")


def asked(client: Client, code: str, last_three: str = "") -> str:
    return client.post(reverse("check"), {"code": code, "last_three": last_three}).content.decode()


def test_a_check_code_is_enough(contact: Contact, client: Client) -> None:
    page = asked(client, contact.reference)

    assert "Yes, this code is ours" in page
    assert "we blocked a card" in page


@pytest.mark.parametrize("dash", ["–", "—", " ", "", "\u2011"])
def test_a_code_typed_on_a_telephone_is_known(contact: Contact, client: Client, dash: str) -> None:
    assert "Yes, this code is ours" in asked(client, contact.reference.replace("-", dash).lower())


def test_a_misread_code_is_to_be_read_again(contact: Contact, client: Client) -> None:
    page = asked(client, contact.reference[:-1] + "0")

    assert "We cannot tell: this is no whole code of ours." in page
    assert "none of our messages" not in page


def test_a_case_typed_with_other_dashes_is_asked_for_the_digits(contact: Contact, client: Client) -> None:
    assert "The last three digits" in asked(client, contact.case_reference.replace("-", "–"))


def test_a_text_that_is_no_code_by_its_length_is_told_on_the_field(client: Client) -> None:
    response = client.post(reverse("check"), {"code": "A" * 501})

    assert response.status_code == 400
    assert "code" in response.context["form"].errors


def test_a_case_reference_needs_the_last_three_digits(maria: Person, contact: Contact, client: Client) -> None:
    number = maria.customer.contact_points.get(kind="phone").value

    alone = asked(client, contact.case_reference)
    with_digits = asked(client, contact.case_reference, number[-3:])
    with_others = asked(client, contact.case_reference, f"{(int(number[-3:]) + 1) % 1000:03d}")

    assert "We cannot tell from the case alone" in alone
    assert "The last three digits" in alone
    assert "Yes, this case is ours" in with_digits
    assert "We cannot tell from this reference and these digits" in with_others


def test_known_and_unknown_cases_read_the_same(contact: Contact, client: Client) -> None:
    from backoffice.references import new_reference

    unknown = new_reference()
    pages = [asked(client, typed).replace(typed, "…") for typed in (contact.case_reference, unknown)]

    without_tokens = [[line for line in page.splitlines() if "csrfmiddlewaretoken" not in line] for page in pages]
    assert without_tokens[0] == without_tokens[1]


def test_nothing_of_the_customer_is_told(maria: Person, contact: Contact, client: Client) -> None:
    page = asked(client, contact.reference)

    for told in (maria.customer.family_name, maria.customer.phrase, maria.card.last_four, contact.address_masked):
        assert told not in page.replace(contact.reference, "")


def test_the_answer_is_not_kept_and_not_found_by_search_engines(contact: Contact, client: Client) -> None:
    response = client.post(reverse("check"), {"code": contact.reference})

    assert {"private", "no-store"} <= set(response.headers["Cache-Control"].split(", "))
    assert '<meta name="robots" content="noindex">' in response.content.decode()


def test_nothing_typed_is_told_on_the_field(client: Client) -> None:
    response = client.post(reverse("check"), {"code": ""})

    assert response.status_code == 400
    assert set(response.context["form"].errors) == {"code"}


def test_a_form_of_another_page_is_refused(contact: Contact) -> None:
    response = Client(enforce_csrf_checks=True).post(reverse("check"), {"code": contact.reference})

    assert response.status_code == 403


def test_too_many_questions_get_no_answer_from_one_address(
    contact: Contact, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    monkeypatch.setattr(checking, "PADDED_TO", timedelta(milliseconds=1))

    pages = [asked(client, contact.reference) for _ in range(checking.PER_ADDRESS.times + 1)]

    assert "Yes, this code is ours" in pages[-2]
    assert "We cannot tell now" in pages[-1]


def test_the_first_page_leads_everybody_to_their_own(maria: Person, client: Client) -> None:
    assert client.get(reverse("home")).headers["Location"] == reverse("account_login")
    assert maria.client.get(reverse("home")).headers["Location"] == reverse("portal:cases")
