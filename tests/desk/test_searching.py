"""The box in the header."""

from __future__ import annotations

import pytest

from backoffice.references import new_reference
from tests.desk.conftest import Desk
from tests.factories import make_card, make_customer, make_domain
from tests.playing import ask, open_card_case

pytestmark = pytest.mark.django_db


def search(at_desk: Desk, text: str) -> str:
    return at_desk().get("/desk/", {"q": text}).content.decode()


def test_a_reference_leads_to_its_case_however_it_is_typed(at_desk: Desk) -> None:
    item = ask(open_card_case(make_card()), "call_customer")
    reference = item.case.reference

    for typed in (reference, reference.lower(), reference.replace("-", " "), f" {reference.replace('-', '')} "):
        answer = at_desk().get("/desk/", {"q": typed})
        assert answer.headers["Location"] == f"/desk/case/{reference}/"


def test_a_wrong_character_in_a_reference_is_told(at_desk: Desk) -> None:
    assert "K7Q-4MX-3 is not a reference: a character in it is wrong" in search(at_desk, "K7Q-4MX-3")


def test_a_well_formed_reference_of_no_case_is_told(at_desk: Desk) -> None:
    reference = new_reference()

    assert f"There is no case {reference}" in search(at_desk, reference)


@pytest.mark.parametrize("part", ["family_name", "mail", "phone", "last_four", "domain"])
def test_a_customer_is_found_by_what_one_knows_of_them(at_desk: Desk, part: str) -> None:
    customer = make_customer(given_name="Zofia", family_name="Wiśniewska")
    points = {point.kind: point.value for point in customer.contact_points.all()}
    known = {
        "family_name": "wiśn",
        **points,
        "last_four": make_card(customer=customer).last_four,
        "domain": make_domain(customer=customer).name,
    }

    page = search(at_desk, known[part])

    assert "Zofia Wiśniewska" in page
    assert f"/desk/customer/{customer.public_id}/" in page


def test_nothing_found_says_how_to_search(at_desk: Desk) -> None:
    page = search(at_desk, "Nobody")

    assert "Nothing found" in page
    assert "the last four digits of a card, the whole name of a domain" in page


def test_an_empty_search_is_the_worklist(at_desk: Desk) -> None:
    assert "Nothing waits for you" in search(at_desk, "  ")
