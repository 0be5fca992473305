"""Starting something: what is offered, one form for each process, one case however often the page is sent."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.urls import reverse

from backoffice.cards.models import CardState
from backoffice.cases.models import Case
from tests.factories import make_card, make_domain
from tests.portal.conftest import Person, make_person

pytestmark = pytest.mark.django_db
OPEN = "/portal/open/card_reissue/"


def report(person: Person, *, follow: bool = False, **answers: object) -> Any:
    answers = {"card": str(person.card.public_id), "reason": "lost", "key": str(uuid.uuid4())} | answers
    return person.client.post(reverse("portal:open", args=["card_reissue"]), answers, follow=follow)


def page_of(person: Person, name: str, *args: object) -> str:
    return person.client.get(reverse(f"portal:{name}", args=args)).content.decode()


def test_a_lost_card_is_blocked_and_a_case_is_open(maria: Person) -> None:
    response = report(maria)

    maria.card.refresh_from_db()
    case = Case.objects.get()
    assert response.headers["Location"] == reverse("portal:case", args=[case.reference])
    assert maria.card.state == CardState.BLOCKED


def test_the_page_of_the_case_says_that_we_have_it(maria: Person) -> None:
    page = report(maria, follow=True).content.decode()

    assert "We have it. Here is how it goes on." in page
    assert f"We are blocking your card ending {maria.card.last_four} now." in page


def test_the_same_page_sent_twice_opens_one_case(maria: Person) -> None:
    key = str(uuid.uuid4())

    first, second = report(maria, key=key), report(maria, key=key)

    assert first.headers["Location"] == second.headers["Location"]
    assert Case.objects.count() == 1


def test_the_key_is_made_with_the_page_and_stays_while_a_fault_is_mended(maria: Person) -> None:
    page = page_of(maria, "open", "card_reissue")
    key = re.search(r'name="key" value="([0-9a-f-]{36})"', page)
    assert key is not None

    faulty = report(maria, reason="", key=key[1]).content.decode()

    assert f'name="key" value="{key[1]}"' in faulty


def test_a_key_whose_digits_could_be_a_card_number_stays_as_it_is(maria: Person) -> None:
    key = "2a804a03-70fe-4fa6-a4d0-089981114013"

    faulty = report(maria, follow=True, reason="", key=key).content.decode()

    assert f'name="key" value="{key}"' in faulty


def test_a_page_without_its_key_opens_nothing(maria: Person) -> None:
    response = report(maria, key="")

    assert response.status_code == 400
    assert not Case.objects.exists()


def test_the_same_page_with_other_answers_is_refused(maria: Person) -> None:
    key = str(uuid.uuid4())
    report(maria, key=key)

    response = report(maria, key=key, reason="damaged")

    assert response.status_code == 409
    assert Case.objects.count() == 1


def test_another_customers_key_opens_a_case_of_its_own(maria: Person) -> None:
    key, anna = str(uuid.uuid4()), make_person()

    report(maria, key=key)
    report(anna, key=key)

    assert {case.customer for case in Case.objects.all()} == {maria.customer, anna.customer}


def test_what_cannot_be_chosen_is_not_offered_and_is_refused_on_its_field(maria: Person) -> None:
    other = make_card(customer=maria.customer)
    report(maria)

    page = page_of(maria, "open", "card_reissue")
    response = report(maria)

    assert str(maria.card.public_id) not in page
    assert str(other.public_id) in page
    assert "A case about this card is open already" in page
    assert set(response.context["form"].errors) == {"card"}
    assert response.status_code == 400


def test_where_nothing_can_be_opened_the_page_says_why_instead_of_a_form(maria: Person) -> None:
    report(maria)

    page = page_of(maria, "open", "card_reissue")

    assert "A case about this card is open already" in page
    assert 'name="reason"' not in page


def test_another_customers_card_is_not_in_the_list(maria: Person) -> None:
    anna = make_person()

    response = report(maria, card=str(anna.card.public_id))

    assert set(response.context["form"].errors) == {"card"}
    assert not Case.objects.exists()


def test_everything_that_is_missing_is_told_at_once(maria: Person) -> None:
    response = report(maria, card="", reason="")

    assert set(response.context["form"].errors) == {"card", "reason"}


def test_the_old_address_leads_to_the_form_and_takes_what_an_old_page_sends(maria: Person) -> None:
    looked = maria.client.get("/portal/cards/report/")
    sent = maria.client.post(
        "/portal/cards/report/",
        {"card": str(maria.card.public_id), "reason": "lost", "key": str(uuid.uuid4())},
        follow=True,
    )

    assert (looked.status_code, looked.headers["Location"]) == (302, OPEN)
    assert sent.redirect_chain[0] == (OPEN, 307)
    assert Case.objects.get().customer == maria.customer


@pytest.mark.parametrize("process", ["home_visit", "nothing"])
def test_what_a_customer_does_not_open_is_not_there(maria: Person, process: str) -> None:
    address = reverse("portal:open", args=[process])

    assert maria.client.get(address).status_code == 404
    assert maria.client.post(address, {"key": str(uuid.uuid4())}).status_code == 404


def test_the_menu_and_the_first_page_offer_what_can_be_started(maria: Person) -> None:
    for name in ("start", "cases"):
        page = page_of(maria, name)

        assert "Something is wrong with my card" in page
        assert f'href="{OPEN}"' in page


def test_the_menu_begins_with_what_is_urgent_and_every_line_stands_in_a_group(maria: Person) -> None:
    """What a worried person looks for is first; a process that names no group is still there."""
    for name in ("start", "cases"):
        titles, urgent = headings(page_of(maria, name))
        assert titles[0] == "Something is wrong"
        assert titles[-1] == "Talk to us"
        assert urgent[:3] == [
            "Somebody is calling me: is it you?",
            "I got a message: is it from you?",
            "Report a strange call or message",
        ]
        assert "Something else" not in titles


def headings(page: str) -> tuple[list[str], list[str]]:
    """The groups of the menu, and the lines of the first."""
    groups = page.split('<nav class="menu"', 1)[1].split("</nav>", 1)[0].split("<section")[1:]
    lines = [re.findall(r"<li><a [^>]*>([^<]+)</a>", group) for group in groups]
    return [re.findall(r"<h2[^>]*>([^<]+)</h2>", group)[0] for group in groups], lines[0]


def test_the_menu_says_why_something_cannot_be_started_now(maria: Person) -> None:
    report(maria)

    page = page_of(maria, "start")

    assert "A case about this card is open already" in page
    assert f'href="{OPEN}"' not in page


def test_each_thing_of_mine_leads_to_what_can_be_started_about_it(maria: Person) -> None:
    make_domain(customer=maria.customer, name="tulip.example")
    page = page_of(maria, "mine")
    to_form = f"{OPEN}?card={maria.card.public_id}"

    form = maria.client.get(to_form).context["form"]

    assert "My cards" in page
    assert "My domains" in page
    assert "tulip.example" in page
    assert f'href="{to_form}"' in page
    assert form["card"].value() == str(maria.card.public_id)


def test_of_what_another_customer_has_nothing_is_shown(maria: Person) -> None:
    anna = make_person()
    make_domain(customer=anna.customer, name="anna.example")

    page = page_of(maria, "mine")

    assert "anna.example" not in page
    assert "My domains" not in page
    assert str(anna.card.public_id) not in page
