"""Mails that came, and Maria, whose address is on file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache

from backoffice.actors import system
from backoffice.cases.models import Case
from backoffice.customers.models import ContactKind, Customer
from backoffice.mail_orders import findings, handling
from backoffice.mail_orders.models import Mail
from backoffice.mail_orders.receiving import take
from backoffice.mail_orders.storing import Envelope
from backoffice.staff.models import User
from tests.factories import actor, make_customer, now, phone_number
from tests.mail_orders.crafting import ON_FILE, OUR_BOX, SERVER, WORLD, Names

Came = Callable[..., Mail]


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def maria(db: None) -> Customer:
    contacts = {ContactKind.MAIL: ON_FILE, ContactKind.PHONE: phone_number(7)}
    return make_customer(given_name="Maria", family_name="Jansen", contacts=contacts)


@pytest.fixture
def came(db: None) -> Came:
    """Receives a mail and analyses it, as the receiver and the task do."""

    def receive(raw: bytes, *, ip: str = SERVER, mail_from: str = ON_FILE) -> Mail:
        reply = take(raw, Envelope(ip, "mail.example.org", mail_from, (OUR_BOX,)))
        assert reply == "250 2.0.0 Stored"
        findings.analyse_received(by=system(), resolver=Names(WORLD), now=now())
        return Mail.objects.order_by("-received_at").first() or Mail()

    return receive


def taken(mail: Mail, user: User) -> Mail:
    return handling.take(mail=mail, by=actor(user), user=user, now=now())


def asked(mail: Mail, customer: Customer, user: User, *, asks: str = "card_reissue", **more: Any) -> Case:
    """The case in which the customer is asked about the mail, opened by the person who holds it."""
    from backoffice.cases import opening

    data = {"mail": mail.reference, "asks": asks}
    key = f"test:{mail.reference}"
    case, _new = opening.open_by_form(
        process="mail_order", customer=customer, by=actor(user), key=key, data=data, **more
    )
    return case
