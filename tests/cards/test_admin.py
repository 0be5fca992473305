from __future__ import annotations

import pytest
from django.test import Client

from backoffice.cards.models import CardState
from backoffice.customers import reading
from backoffice.staff.models import Role
from tests.factories import actor, make_card, make_customer, make_staff, now, sign_in

pytestmark = pytest.mark.django_db


def test_cards_are_found_by_their_last_four_without_saying_whose_they_are(client: Client) -> None:
    make_card(customer=make_customer(family_name="Vermeulen"), last_four="4243")
    make_card(customer=make_customer(family_name="Nowak"), last_four="1881")
    sign_in(client, make_staff())

    page = client.get("/desk/cards/card/", {"q": "4243"}).content.decode()

    assert "····4243" in page
    assert "····1881" not in page
    assert "Vermeulen" not in page
    assert "····" not in client.get("/desk/cards/card/", {"q": "verm"}).content.decode()


@pytest.mark.parametrize(
    ("role", "shown"),
    [(Role.SUPPORT, False), (Role.APPROVER, False), (Role.SUPERVISOR, True), (Role.COMPLIANCE, True)],
)
def test_the_issuers_token_is_hidden_from_who_does_not_need_it(client: Client, role: Role, shown: bool) -> None:
    card, user = make_card(issuer_token="ic_hidden_token"), make_staff(role=role)
    reading.open_record(customer=card.customer, by=actor(user), user=user, now=now(), reason="They called about it")
    sign_in(client, user)

    page = client.get(f"/desk/cards/card/{card.pk}/change/").content.decode()

    assert "····" in page or card.last_four in page
    assert ("ic_hidden_token" in page) is shown


@pytest.mark.parametrize("role", list(Role))
def test_no_form_changes_a_cards_state(client: Client, role: Role) -> None:
    card = make_card()
    sign_in(client, make_staff(role=role))

    client.post(f"/desk/cards/card/{card.pk}/change/", {"state": "closed"})
    client.post("/desk/cards/card/", {"action": "delete_selected", "_selected_action": [card.pk], "post": "yes"})

    card.refresh_from_db()
    assert card.state == CardState.ACTIVE


@pytest.mark.parametrize("role", [Role.FIELD, Role.ADMINISTRATOR])
def test_roles_without_cards_see_none(client: Client, role: Role) -> None:
    make_card()
    sign_in(client, make_staff(role=role))

    assert client.get("/desk/cards/card/").status_code in (302, 403)
