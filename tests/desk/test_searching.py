"""The box in the header."""

from __future__ import annotations

import pytest
from django.db import connection
from django.http.response import HttpResponseBase
from django.test.utils import CaptureQueriesContext

from backoffice.customers import searching
from backoffice.references import new_reference
from backoffice.staff.models import Role
from backoffice.trust.models import Contact, Direction
from tests.desk.conftest import Desk
from tests.factories import make_address, make_card, make_customer, make_domain, now
from tests.playing import ask, open_card_case

pytestmark = pytest.mark.django_db

REACHED = {
    "mail": "maria@example.org",
    "phone": "+12025550113",
    "postal": make_address("Oudegracht 4", postal_code="3511 AB", town="Utrecht"),
}


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


def test_two_customers_of_one_name_are_told_apart(at_desk: Desk) -> None:
    card = make_card(
        customer=make_customer(given_name="Maria", family_name="Jansen", birth_date="1944-05-14", contacts=REACHED)
    )
    case = open_card_case(card)
    make_customer(given_name="Maria", family_name="Jansen", birth_date="1999-12-31", contacts={})

    page = search(at_desk, "jansen maria")

    for known in ("1944", "Utrecht", "+1 ••• ••13", case.reference, "1999"):
        assert known in page
    for hidden in ("1944-05", "Oudegracht", "5550113", "+1 202", "maria@example.org", str(card)):
        assert hidden not in page


def test_a_page_of_found_customers_needs_few_statements(at_desk: Desk) -> None:
    desk = at_desk()
    counted = []
    for _more in range(2):
        for _one in range(6):
            make_customer(family_name="Visser")
        with CaptureQueriesContext(connection) as asked:
            desk.get("/desk/", {"q": "visser"})
        counted.append(len(asked))

    assert counted[0] == counted[1]


def test_more_customers_than_fit_are_told(at_desk: Desk) -> None:
    for _one in range(21):
        make_customer(family_name="Visser", sign_in=False)

    page = search(at_desk, "visser")

    assert page.count("/desk/customer/") == 20
    assert "There may be more." in page


@pytest.mark.parametrize("dash", ["-", "\u2011", "\u2013", "\u2212", " ", ""])
def test_the_check_code_of_a_message_leads_to_its_case(at_desk: Desk, dash: str) -> None:
    case = open_card_case(make_card())
    contact = Contact.objects.create(
        customer=case.customer, case_id=case.id, case_reference=case.reference, channel="mail", purpose="x", at=now()
    )

    answer = at_desk().get("/desk/", {"q": f" {contact.reference.lower().replace('-', dash)}\u200b"})

    assert answer.headers["Location"] == f"/desk/case/{case.reference}/"


def test_the_check_code_of_a_message_about_no_case_leads_to_its_customer(at_desk: Desk) -> None:
    customer = make_customer(family_name="Visser")
    contact = Contact.objects.create(customer=customer, channel="mail", purpose="x", at=now())

    assert f"/desk/customer/{customer.public_id}/" in search(at_desk, contact.reference)


def test_the_check_code_of_a_message_to_us_is_none_of_ours(at_desk: Desk) -> None:
    contact = Contact.objects.create(channel="mail", direction=Direction.IN, purpose="report", at=now())

    assert f"We sent no message with the code {contact.reference}" in search(at_desk, contact.reference)


def test_a_wrong_character_in_a_check_code_is_told(at_desk: Desk) -> None:
    code = new_reference(13)
    wrong = ("2" if code[0] != "2" else "3") + code[1:]

    assert f"{wrong} is not a reference: a character in it is wrong" in search(at_desk, wrong)


def where(answer: HttpResponseBase) -> tuple[int, str]:
    """What was answered, and where it leads, without what was searched."""
    return answer.status_code, answer.headers.get("Location", "").partition("?")[0]


@pytest.mark.parametrize("role", list(Role))
def test_a_check_code_opens_no_more_than_a_reference(at_desk: Desk, role: Role) -> None:
    case = open_card_case(make_card())
    contact = Contact.objects.create(customer=case.customer, case_id=case.id, channel="mail", purpose="x", at=now())
    by_reference = at_desk(role=role).get("/desk/", {"q": case.reference})

    by_code = at_desk(role=role).get("/desk/", {"q": contact.reference})

    assert where(by_code) == where(by_reference)


@pytest.mark.parametrize("dash", ["\u2010", "\u2011", "\u2013", "\u2212", "\uff0d", "\u00a0"])
def test_a_reference_is_found_with_the_dashes_of_any_keyboard(at_desk: Desk, dash: str) -> None:
    case = open_card_case(make_card())

    answer = at_desk().get("/desk/", {"q": case.reference.replace("-", dash)})

    assert answer.headers["Location"] == f"/desk/case/{case.reference}/"


def test_nothing_found_says_how_to_search(at_desk: Desk) -> None:
    page = search(at_desk, "Nobody")

    assert "Nothing found" in page
    assert "the last four digits of a card, the whole name of a domain" in page


def test_an_empty_search_is_the_worklist(at_desk: Desk) -> None:
    assert "Nothing waits for you" in search(at_desk, "  ")


def test_too_many_to_look_through_is_not_nothing_found(at_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "_READ", 2)
    monkeypatch.setattr(searching, "_READ_WIDELY", 2)
    for given, family in (("Jan", "Wit"), ("Jan", "Smit"), ("Piet", "Bak"), ("Jazz", "Baas")):
        make_customer(given_name=given, family_name=family)

    page = search(at_desk, "ja ba")

    assert "Too many customers have names like these" in page
    assert "Nothing found" not in page
