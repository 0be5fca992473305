"""How the tests of the transfer-out open a case and play its process's side."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from backoffice.actors import Actor
from backoffice.cases import opening
from backoffice.cases.calls import call_outside
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.domains.models import Domain
from tests.factories import make_customer, make_domain
from tests.playing import advance, ask, customer_actor
from workflows.base.contracts import MakeCall, OutsideCall, Wire

PROCESS = "domain_transfer_out"


def open_by_holder(domain: Domain, *, key: str = "", by: Actor | None = None) -> Case:
    """Through the form and the rule that every face uses."""
    case, _new = opening.open_by_form(
        process=PROCESS,
        customer=domain.customer,
        by=by or customer_actor(domain.customer),
        key=key or str(uuid.uuid4()),
        data={"domain": str(domain.public_id)},
    )
    domain.refresh_from_db()
    return case


def leaving(name: str = "", *, customer: Customer | None = None, **fields: Any) -> tuple[Case, Domain]:
    """A case about a domain with our lock, as it has just been opened."""
    told = {"statuses": ["clientTransferProhibited"], "locks": ["transfer"], **fields}
    locks = told.pop("locks")
    domain = make_domain(customer=customer or make_customer(), name=name, locks=locks)
    for field, value in told.items():
        setattr(domain, field, value)
    domain.save()
    return open_by_holder(domain), domain


def calls(case: Case, name: str, *, number: int = 1, compensating: bool = False) -> Wire:
    """The process calls the registry, and learns what this returns; raises what the call raises."""
    now = datetime.now(UTC)
    call = MakeCall(name, f"{case.id}:{name}:{number}", now)
    done = call_outside(OutsideCall(str(case.id), now, call, compensating=compensating))
    case.refresh_from_db()
    return done.facts


def with_code(case: Case) -> None:
    """Plays on until the domain is unlocked and has a code at the registry, and the holder is asked to look at it."""
    advance(case, stage="unlocked")
    calls(case, "unlock_domain")
    calls(case, "set_transfer_code")
    ask(case, "take_transfer_code", stage="authinfo")
