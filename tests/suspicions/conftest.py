"""Maria, who can be rung by strangers, and short words for reporting, deciding and playing."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.cache import cache

from backoffice.actors import Actor, system
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.staff.models import Role, User
from backoffice.suspicions import deciding, receiving
from backoffice.suspicions.matching import Reported
from backoffice.suspicions.models import Report, Source, Suspicion
from tests.factories import actor, make_card, make_customer, make_staff, now
from tests.playing import customer_actor, open_card_case

SMISH = (
    "Dear customer, your parcel 4711 could not be delivered. Pay the customs fee of 1.99 within 24 hours, and confirm "
    "your card at https://parcel-desk.example/pay or the parcel goes back to its sender today."
)
TWIN = SMISH.replace("4711", "8815").replace("1.99", "2.49").replace("parcel-desk.example", "other-desk.example")
UNLIKE = (
    "Hello, this is the police. Somebody was arrested with a list of addresses, and yours is on it. An officer comes "
    "to collect your valuables, so that they are safe. Call us back on +1 206 555 0188 at once."
)


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def maria(db: None) -> Customer:
    return make_customer(given_name="Maria", family_name="Jansen")


def sensitive_case(customer: Customer) -> Case:
    return open_card_case(make_card(customer=customer))


def strange(text: str = SMISH, sender: str = "", channel: str = "sms", **more: Any) -> Reported:
    return Reported(text=text, sender=sender, channel=channel, **more)


def reports(customer: Customer, reported: Reported | None = None, *, by: Actor | None = None, **more: Any) -> Report:
    """A report by the customer themself, or by somebody else."""
    source = more.pop("source", Source.PORTAL)
    told: dict[str, Any] = {"key": uuid.uuid4(), "origin": str(customer.public_id), **more}
    incoming = receiving.Incoming(reported=reported or strange(), source=source, customer=customer, **told)
    return _fresh(receiving.receive(incoming=incoming, by=by or customer_actor(customer), now=now()))


def reported_by_stranger(customer: Customer | None, reported: Reported | None = None, **more: Any) -> Report:
    told: dict[str, Any] = {"key": uuid.uuid4(), "origin": "192.0.2.1", "source": Source.PUBLIC, **more}
    incoming = receiving.Incoming(reported=reported or strange(), customer=customer, **told)
    return _fresh(receiving.receive(incoming=incoming, by=system(), now=now()))


def _fresh(report: Report) -> Report:
    return Report.objects.select_related("case", "group", "contact", "customer").get(pk=report.pk)


def about_a_contact(customer: Customer) -> Case:
    """The case of a report by the customer."""
    case = reports(customer).case
    assert case is not None
    return case


def analyst(role: Role = Role.COMPLIANCE) -> User:
    return make_staff(role=role)


def held_by(user: User, group: Suspicion) -> dict[str, Any]:
    """The arguments of a rule about a group that this person has taken."""
    told: dict[str, Any] = {"group": group, "by": actor(user), "user": user, "now": now()}
    deciding.take(**told)
    return told
