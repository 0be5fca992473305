"""Billers: entered by a supervisor at the desk, and payments of which somebody told us."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from backoffice.cards.autopay import billers, mandates
from backoffice.cards.autopay.models import Biller, FoundFrom, Mandate
from backoffice.refusals import Conflict, Invalid, NotFound, Refused
from backoffice.staff.models import Role
from backoffice.webhooks.models import Endpoint
from tests.cards.autopay.updating import make_biller, make_renewed, now, open_update, settle, states
from tests.factories import make_card, make_customer, make_staff, sign_in
from tests.playing import customer_actor
from tests.webhooks.receiving import supervisor

pytestmark = pytest.mark.django_db
LIST = "/desk/cards/biller/"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{44}")
TYPED: dict[str, Any] = {"name": "Example Gas", "country": "NL", "category": "energy", "reach": "nothing"}


def enter(**told: Any) -> billers.Entered:
    particulars = billers.Particulars(**{**TYPED, **told})
    return billers.enter(particulars=particulars, by=supervisor(), now=now())


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"name": " x "}, "name"),
        ({"name": "4111 1111 1111 1111"}, "name"),
        ({"name": "example gym"}, "name"),
        ({"country": "XX"}, "country"),
        ({"category": "?"}, "category"),
        ({"network_id": "NET-1"}, "network_id"),
        ({"network_id": "NET00001"}, "network_id"),
        ({"reach": "?"}, "reach"),
        ({"reach": "webhook"}, "url"),
        ({"reach": "webhook", "url": "http://gas.example/"}, "url"),
        ({"reach": "webhook", "url": "https://127.0.0.1/"}, "url"),
        ({"reach": "webhook", "url": "https://10.0.0.8/hooks"}, "url"),
        ({"reach": "mail"}, "mail"),
        ({"reach": "mail", "mail": "no address"}, "mail"),
        ({"reach": "letter", "address": " \n "}, "address"),
        ({"reach": "letter", "address": "1\n2\n3\n4\n5\n6\n7"}, "address"),
        ({"how_to_change": "x" * 301}, "how_to_change"),
    ],
)
def test_what_is_wrong_stands_on_its_field_and_nothing_is_kept(told: dict[str, str], field: str, settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = []
    make_biller("Example Gym", country="NL")

    with pytest.raises(Refused) as refused:
        enter(**told)

    assert list(getattr(refused.value, "errors", {refused.value.field: ""})) == [field]
    assert (Biller.objects.count(), Endpoint.objects.count()) == (1, 0)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        enter(name="", country="", mail="x", reach="letter")
    assert set(refused.value.errors) == {"name", "country", "mail", "address"}


def test_a_change_says_what_was_and_what_is_and_leaves_secrets_as_they_are() -> None:
    first = enter(reach="webhook", url="https://gas.example/hooks", confirms=True, network_id="gas1")
    by = supervisor()

    told = billers.Particulars(
        **{**TYPED, "reach": "letter", "address": "Street 1\n\n 1000 AA Town ", "network_id": "GAS1"}
    )
    changed = billers.change(biller_id=first.biller.pk, particulars=told, by=by, now=now())

    assert changed.changed == {"reach": ("webhook", "letter"), "address": ("", "Street 1\n\n1000 AA Town")}
    assert (changed.our_secret, changed.biller.secret) == ("", first.their_secret)
    assert first.our_secret != first.their_secret
    told = billers.Particulars(**{**TYPED, "network_id": "GAS2"})
    with pytest.raises(Invalid, match="stays as it is"):
        billers.change(biller_id=first.biller.pk, particulars=told, by=by, now=now())


def test_a_name_that_a_customer_typed_is_theirs_alone() -> None:
    card, other = make_card(), make_card()
    for one in (card, card, other):
        by = customer_actor(one.customer)
        number = str(Mandate.objects.count())
        mandates.add(customer=one.customer, card=one, biller="Dr. Example", reference=number, by=by, now=now())

    assert [one.biller.only_for for one in Mandate.objects.order_by("pk")] == [card.customer] * 2 + [other.customer]
    assert Biller.objects.count() == 2
    private = Biller.objects.filter(only_for=card.customer).get()
    with pytest.raises(NotFound):
        billers.change(biller_id=private.pk, particulars=billers.Particulars(**TYPED), by=supervisor(), now=now())
    enter(name="Dr. Example")


def test_a_supervisor_enters_a_company_and_sees_its_secrets_once(client: Client) -> None:
    sign_in(client, make_staff(role=Role.SUPERVISOR))
    card = make_card()
    mandates.add(customer=card.customer, card=card, biller="My mother", by=customer_actor(card.customer), now=now())

    wrong = client.post(f"{LIST}enter/", {**TYPED, "reach": "webhook", "url": "https://10.0.0.1/"}, follow=True)
    assert "network that we do not write to" in wrong.content.decode()
    told = {**TYPED, "reach": "webhook", "url": "https://gas.example/hooks?t=1", "confirms": "on"}
    shown = client.post(f"{LIST}enter/", told, follow=True).content.decode()
    gas = Biller.objects.get(name="Example Gas")
    assert gas.endpoint is not None
    assert set(SECRET.findall(shown)) == {gas.secret, gas.endpoint.secret}
    assert f"/api/v1/webhooks/billers/{gas.public_id}" in shown

    page = client.get(f"{LIST}{gas.pk}/change/").content.decode()
    history = client.get(f"{LIST}{gas.pk}/history/").content.decode()
    form = client.get(f"{LIST}{gas.pk}/particulars/").content.decode()
    for seen in (page, history, form):
        assert not SECRET.search(seen)
        assert "hooks?t=1" not in seen
    assert "reach: — → webhook" in history
    assert "gas.example" in form
    told = {**TYPED, "reach": "mail", "mail": "bills@gas.example"}
    client.post(f"{LIST}{gas.pk}/particulars/", told, follow=True)
    assert "reach: webhook → mail" in client.get(f"{LIST}{gas.pk}/history/").content.decode()
    assert "My mother" not in client.get(LIST).content.decode()


def test_support_sees_companies_and_enters_none(client: Client) -> None:
    biller = make_biller("Example Gas")
    sign_in(client, make_staff(role=Role.SUPPORT))

    assert "Enter a company" not in client.get(LIST).content.decode()
    assert "Change it" not in client.get(f"{LIST}{biller.pk}/change/").content.decode()
    for address in (f"{LIST}enter/", f"{LIST}{biller.pk}/particulars/"):
        assert client.post(address, TYPED).status_code == 403
    assert Biller.objects.count() == 1


def test_who_did_not_show_a_second_factor_lately_does_it_first(client: Client) -> None:
    sign_in(client, make_staff(role=Role.SUPERVISOR), seconds_ago=3600)

    assert "reauthenticate" in client.post(f"{LIST}enter/", TYPED).headers["Location"]
    assert Biller.objects.count() == 0


def test_what_a_company_told_us_is_noted_at_the_desk_and_joins_the_list(client: Client) -> None:
    card = make_renewed()
    case = open_update(card, lines_=1)
    settle(case)
    make_biller("Example Gas")
    sign_in(client, make_staff(role=Role.SUPPORT))
    assert card.replaces is not None
    address = f"/desk/cards/mandate/of/{card.customer_id}/"
    told = {"found_from": "biller", "biller": "example gas", "card": str(card.replaces.public_id), "whose": "own"}

    assert client.post(address, told, follow=True).status_code == 403
    reason = {"_open": "1", "why": "contact", "words": ""}
    client.post(address, reason, follow=True)
    unknown = client.post(address, {**told, "biller": "Nobody Knows It"}, follow=True).content.decode()
    assert "No company of this name is entered" in unknown
    client.post(address, told, follow=True)

    mandate = Mandate.objects.get(found_from="biller")
    assert (mandate.biller.name, states(case)) == ("Example Gas", ["to_do", "to_do"])
    page = f"/desk/cards/mandate/{mandate.pk}/"
    assert "The customer says: it is over" in client.get(f"{page}change/").content.decode()
    client.post(f"{page}say/", {"how": "over"})
    assert states(case) == ["to_do", "over"]
    client.post(f"{page}say/", {"how": "live"})
    assert states(case) == ["to_do", "to_do"]


def test_no_customer_speaks_for_a_company() -> None:
    customer = make_customer()
    card = make_card(customer=customer)

    with pytest.raises((Conflict, Invalid)):
        mandates.add(
            customer=customer,
            card=card,
            biller="Example Gas",
            found_from=FoundFrom.BILLER,
            by=customer_actor(customer),
            now=now(),
        )
