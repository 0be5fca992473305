"""Who is removed does nothing more, at once; a token is seen once and reaches nothing but orders."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from backoffice.payments.agents import joining, removing, tokens
from backoffice.payments.agents.tokens import Made
from backoffice.payments.merchants.models import Merchant
from backoffice.refusals import Invalid, Refused
from tests.factories import now, totp_code
from tests.payments.agents.companies import add, agent_in_front, code_to, confirmed, in_front_of
from tests.payments.making import make_shop
from tests.playing import customer_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant() -> Merchant:
    return make_shop()


def token_of(merchant: Merchant, name: str = "web shop") -> Made:
    return tokens.make_token(merchant=merchant, name=name, by=confirmed(merchant), now=now())


def test_the_session_of_who_is_removed_ends_at_its_next_request(merchant: Merchant) -> None:
    agent, client = agent_in_front(merchant)
    user = agent.user
    before = client.get(reverse("mfa_index"))

    removing.remove(merchant=merchant, agent_id=agent.public_id, by=customer_actor(merchant.company), now=now())

    assert user is not None
    assert before.status_code == 200
    assert "login" in client.get(reverse("mfa_index")).headers["Location"]
    user.refresh_from_db()
    assert not user.is_active


def test_the_code_of_who_is_removed_works_no_more(merchant: Merchant) -> None:
    agent = add(merchant)
    asked = joining.Joining(
        merchant.case.reference, agent.mail, code_to(agent), username="robin", password="wet-tulips-in-may"
    )

    removing.remove(merchant=merchant, agent_id=agent.public_id, by=customer_actor(merchant.company), now=now())

    with pytest.raises(Refused, match="does not work"):
        joining.join(asked, address="192.0.2.2", now=now())


def test_a_token_reaches_nothing_of_the_desk_and_dies_with_its_machine(merchant: Merchant) -> None:
    made = token_of(merchant)
    headers = {"authorization": f"Token {made.clear}"}
    client = Client()

    for address in ("cases", "items", "processes"):
        assert client.get(f"/api/v1/{address}", headers=headers).status_code == 403
    removing.remove(merchant=merchant, agent_id=made.machine.public_id, by=customer_actor(merchant.company), now=now())

    assert client.get("/api/v1/cases", headers=headers).status_code == 401
    assert not AuthToken.objects.exists()


def test_two_tokens_of_a_merchant_have_two_names(merchant: Merchant) -> None:
    token_of(merchant)

    with pytest.raises(Invalid, match="this name"):
        token_of(merchant, " web shop ")


def test_a_token_is_shown_once_and_listed_by_its_name(merchant: Merchant) -> None:
    client, secret = in_front_of(merchant)
    page = reverse("portal:merchant_admission:add_token", args=[merchant.case.reference])
    client.post(
        reverse("portal:confirm_step", args=[merchant.case.reference, tokens.MAKE]), {"code": totp_code(secret)}
    )

    shown = client.post(page, {"name": "web shop"}, follow=True).content.decode()
    listed = client.get(reverse("portal:merchant_admission:agents", args=[merchant.case.reference]))

    token = AuthToken.objects.get()
    assert token.token_key in shown
    assert token.token_key not in listed.content.decode()
    assert "web shop" in listed.content.decode()
