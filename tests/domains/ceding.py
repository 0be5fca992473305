"""A cession in its rows, played step by step without an engine."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from backoffice.cases import catalogue, opening
from backoffice.cases.models import Case
from backoffice.cases.unit_of_work import changing
from backoffice.customers.models import Customer
from backoffice.domains import registering
from backoffice.domains.models import Domain
from tests.factories import make_customer, now
from tests.playing import customer_actor
from workflows.base.contracts import from_wire
from workflows.base.spec import Facts, Nothing

ADDRESS = {"country": "PL", "line1": "ul. Prosta 51", "code": "00-838", "town": "Warszawa"}
NEW = {"new_is": "person", "given_name": "Ewa", "family_name": "Nowak", "mail": "ewa.nowak@example.org"}
PESEL = "44051401359"


def make_domain(customer: Customer, name: str = "tulip.pl", **fields: Any) -> Domain:
    """Registered for two years, with a year left."""
    domain = registering.register(
        name=name,
        customer=customer,
        registered_at=now() - timedelta(days=400),
        expires_at=now() + timedelta(days=330),
    )
    Domain.objects.filter(pk=domain.pk).update(**fields)
    domain.refresh_from_db()
    return domain


def content(domain: Domain, /, **more: str) -> dict[str, str]:
    """What the form of an opening holds."""
    return {"domain": str(domain.public_id), "route": "electronic", **NEW, **more}


def open_cession(domain: Domain, /, **more: str) -> Case:
    holder = domain.customer
    case, _new = opening.open_by_form(
        process="domain_cession",
        customer=holder,
        by=customer_actor(holder),
        key=str(uuid.uuid4()),
        data=content(domain, **more),
    )
    return case


def holder_of_a_domain(name: str = "tulip.pl", **fields: Any) -> Domain:
    return make_domain(make_customer(country="PL"), name, **fields)


def call(case: Case, name: str, *, key: str = "", **args: Any) -> Facts:
    """Makes the call as the engine does, and then its record. Gives what the story learns."""
    bound = catalogue.process(case.process).call(name)
    facts = from_wire(args, bound.spec.args) if args else Nothing()
    fresh = Case.objects.get(id=case.id)
    record = bound.makes(case=fresh, args=facts, key=key or f"{case.id}:{name}", asked_at=now(), now=now())

    with changing(case.id) as locked:
        learned: Facts = record(locked, now())
    return learned


def effect(case: Case, name: str) -> Facts:

    bound = catalogue.process(case.process).effect(name)
    with changing(case.id) as locked:
        learned: Facts = bound.does(case=locked, args=Nothing(), now=now())
    return learned
