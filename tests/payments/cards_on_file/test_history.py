"""Each card that is kept or forgotten has its event, its customer is told, and staff read it for a case or a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from backoffice.customers import reading
from backoffice.customers.models import Access, ContactKind
from backoffice.messages.models import Message
from backoffice.payments.cards_on_file import keeping
from backoffice.payments.cards_on_file.models import CardEvent
from backoffice.payments.top_up.calling import of_caller
from backoffice.trust.models import Contact
from tests.devstack.payment_simulator.provided import _webhook_secret as _webhook_secret
from tests.devstack.payment_simulator.provided import served_payments as served_payments
from tests.devstack.payment_simulator.provided import simulator as simulator
from tests.devstack.payment_simulator.simulator import KEY, Payments
from tests.factories import actor, make_customer, make_staff, now, sign_in
from tests.payments.making import make_card_on_file, make_case
from tests.playing import customer_actor
from tests.portal.conftest import Person, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def payments(simulator: Payments, settings: Settings) -> Payments:
    settings.PAYMENTS_URL, settings.PAYMENTS_KEY = simulator.url, KEY
    return simulator


@pytest.fixture
def maria() -> Person:
    return make_person()


def kept(maria: Person, payments: Payments, number: str = "4242424242424242") -> None:
    by = of_caller(make_case("top_up", maria.customer))
    keeping.keep(customer=maria.customer, token=payments.card(number), by=by, now=now())


def events(maria: Person) -> list[tuple[str, str, str]]:
    found = CardEvent.objects.filter(card__customer=maria.customer).order_by("pk")
    return list(found.values_list("kind", "channel", "actor_kind"))


def test_keeping_and_forgetting_a_card_write_who_did_it_and_how(maria: Person, payments: Payments) -> None:
    kept(maria, payments)
    card = maria.customer.cards_on_file.get()
    address = reverse("portal:top_up:forget", args=[card.public_id])
    for _twice in range(2):
        page = maria.client.post(address, follow=True).content.decode()

    assert events(maria) == [("kept", "telephone", "customer"), ("forgotten", "portal", "customer")]
    assert CardEvent.objects.latest("pk").actor_id == str(maria.customer.public_id)
    assert page.count("Visa ····4242: forgotten") == 1
    assert "by you, keys of a telephone" in page
    assert reverse("portal:top_up:cards") in maria.client.get(reverse("portal:mine")).content.decode()


def test_the_same_card_kept_anew_takes_the_place_of_the_one_before(maria: Person, payments: Payments) -> None:
    kept(maria, payments)
    kept(maria, payments)

    assert [kind for kind, _channel, _who in events(maria)] == ["kept", "replaced", "kept"]


def test_the_customer_is_told_by_mail_also_at_an_address_that_they_had(maria: Person, payments: Payments) -> None:
    before = make_customer().contact_points.get(kind=ContactKind.MAIL)
    before.pk, before.customer, before.superseded_at = None, maria.customer, now() - timedelta(days=10)
    before.save()
    kept(maria, payments)
    keeping.forget(card=maria.customer.cards_on_file.get(), by=customer_actor(maria.customer), now=now())

    told = Message.objects.filter(template__startswith="card_")
    assert sorted(told.values_list("template", "contact__channel")) == [
        *[("card_forgotten", "mail")] * 2,
        *[("card_kept", "mail")] * 2,
    ]
    assert all(one.context == {"card": "Visa ····4242"} for one in told)
    assert Contact.objects.filter(customer=maria.customer, purpose="card_forgotten").count() == 2


def test_an_event_of_a_card_is_neither_changed_nor_deleted(maria: Person, payments: Payments) -> None:
    kept(maria, payments)
    for statement in ("UPDATE payments_cardevent SET kind = 'forgotten'", "DELETE FROM payments_cardevent"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    assert [kind for kind, _channel, _who in events(maria)] == ["kept"]


def test_staff_read_the_cards_of_a_customer_only_for_a_case_or_a_reason(client: Client, maria: Person) -> None:
    card, sue = make_card_on_file(maria.customer, last_four="1881"), make_staff()
    sign_in(client, sue)
    pages = (
        reverse("admin:desk_customer", args=[maria.customer.public_id]),
        reverse("admin:desk_record", args=[maria.customer.public_id, "cards_on_file", str(card.public_id)]),
    )
    for page in pages:
        assert "1881" not in client.get(page).content.decode()
    looked = Access.objects.filter(customer=maria.customer)
    assert set(looked.values_list("refused", flat=True)) == {True}

    why = "The customer is on the phone or at the counter"
    reading.open_record(customer=maria.customer, by=actor(sue), user=sue, now=now(), reason=why)

    for page in pages:
        assert "Visa ····1881" in client.get(page).content.decode()
    assert looked.filter(refused=False, reason=why).exists()
