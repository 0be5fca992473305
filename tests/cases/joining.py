"""A second party who gets a code by hand or by letter, and types it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache

from backoffice.actors import Actor, Level
from backoffice.cases import claiming, handing_over, parties
from backoffice.cases.claiming import Claiming
from backoffice.cases.models import Case, Party
from backoffice.cases.parties import Invited, Joining
from backoffice.cases.unit_of_work import changing
from backoffice.cases.ways import Way
from backoffice.customers.models import Customer
from backoffice.customers.postal import of_parts
from backoffice.messages import composing
from backoffice.messages.models import Message
from backoffice.staff.models import User
from tests.catalogue import installed
from tests.engine.bell import BELL
from tests.engine.conftest import make_bell
from tests.engine.ringing import open_bell
from tests.playing import customer_actor
from workflows.base.spec import PartyRole

HOME = of_parts({"country": "NL", "line1": "Lindenstraat 12", "code": "3512 AB", "town": "Utrecht"})
ABROAD = of_parts({"country": "PL", "line1": "ul. Prosta 51", "code": "00-838", "town": "Warszawa"})
BY_HAND = Invited("Ewa", "Nowak", way=Way.HAND)
BY_LETTER = Invited("Ewa", "Nowak", way=Way.LETTER, address=HOME)
OWN_MAIL = "ewa@own.example"
PASSWORD = "seven-blue-kettles"
WRONG = "2222-2222-2222-22"
NETWORK = "192.0.2.1"


@pytest.fixture(autouse=True)
def _bell_with_a_party() -> Iterator[None]:
    cache.clear()
    spec = replace(BELL, parties=(PartyRole(name="neighbour", title="the neighbour"),))
    with installed(replace(make_bell(), spec=spec)):
        yield


@pytest.fixture
def case() -> Case:
    return open_bell()


def later(**time: float) -> datetime:
    return datetime.now(UTC) + timedelta(**time)


def invited(case: Case, whom: Invited = BY_HAND) -> Party:
    with changing(case.id) as locked:
        by = customer_actor(case.customer)
        return parties.invite(locked, role="neighbour", whom=whom, by=by, now=datetime.now(UTC), field="mail")


def opener(case: Case) -> Actor:
    return customer_actor(case.customer, level=Level.CONFIRMED, proof="totp")


def made(case: Case, now: datetime | None = None) -> str:
    """The code that the opener sees once."""
    return handing_over.make_code(case_id=case.id, role="neighbour", by=opener(case), now=now).code


def sent(template: str) -> str:
    """The code in the newest message."""
    message = Message.objects.filter(template=template).latest("pk")
    contact = message.contact
    assert contact.customer is not None
    composed = composing.letter if contact.channel == "letter" else composing.mail
    text = composed(
        template,
        customer=contact.customer,
        case_reference=contact.case_reference,
        check_code=contact.reference,
        context=message.context,
    ).text
    found = re.search(r"Your code: ([0-9A-Z-]+)", text)
    assert found, text
    return found[1]


def claim(case: Case, code: str, *, mail: str = OWN_MAIL, reference: str = "", now: datetime | None = None) -> None:
    claiming.claim(Claiming(reference or case.reference, code, mail), address=NETWORK, now=now)


def joining(case: Case, **other: str) -> Joining:
    typed = {"reference": case.reference, "mail": OWN_MAIL, "username": "ewa", "password": PASSWORD}
    return Joining(**{**typed, "code": other.pop("code", "") or sent("party_proves_mail"), **other})


def join(case: Case, *, now: datetime | None = None, **other: str) -> User:
    return parties.join(joining(case, **other), address=NETWORK, now=now)[0]


def joined(case: Case) -> Customer:
    customer = parties.of_case(case)["neighbour"].customer
    assert customer.user is not None
    return customer


def take_part(case: Case, customer: Customer, code: str) -> Case:
    return claiming.join_with_account(
        reference=case.reference, code=code, customer=customer, by=customer_actor(customer), address=NETWORK
    )
