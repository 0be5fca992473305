"""Customers who are entered by the rules, and of whom the benchmark knows everything that one can search by."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from backoffice.actors import system
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.customers.registering import Particulars, register
from backoffice.domains import registering
from backoffice.trust.models import Contact, ContactChannel

_WEIGHTS = range(9, 1, -1)


@dataclass(frozen=True)
class Target:
    customer: Customer
    phone: str
    mail: str
    national_id: str
    reference: str
    check_code: str
    domain: str
    domain_in_ascii: str


def target(number: int) -> Target:
    """One of them, with a case and a message about it."""
    now = datetime.now(UTC)
    phone, mail, bsn = f"020 555 {number:04d}", f"zoë.{number}@straße-{number}.example".replace("ë", "e"), _bsn(number)
    name = f"Quist{chr(97 + number)}sen"
    particulars = Particulars(
        given_name=f"Xante{chr(97 + number)}",
        family_name=name,
        birth_date="1984-05-17",
        contacts={"phone": phone, "mail": mail},
        national_ids={"BSN": bsn},
        verified_how="branch",
    )
    customer = register(particulars=particulars, by=system(), now=now)
    case = Case.objects.create(
        process="card_reissue", customer=customer, opened_at=now, opening_key=str(uuid.uuid4()), opening_digest="0" * 64
    )
    contact = Contact.objects.create(
        customer=customer, case_id=case.id, channel=ContactChannel.MAIL, purpose="card_blocked", at=now
    )
    typed = f"straße-{number}.example"
    held = registering.register(name=typed, customer=customer, registered_at=now, expires_at=now + timedelta(days=365))
    return Target(customer, phone, mail, bsn, case.reference, contact.reference, typed, held.name)


def _bsn(number: int) -> str:
    """A citizen's number that passes the test of eleven."""
    body = 10_000_000 + 7 * number
    while True:
        check = sum(int(digit) * weight for digit, weight in zip(str(body), _WEIGHTS, strict=True)) % 11
        if check < 10:
            return f"{body}{check}"
        body += 7_001
