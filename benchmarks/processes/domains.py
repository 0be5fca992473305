"""Domains of a demonstration's registry, in which waiting is seconds: given away by two accounts, and moved away."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import requests

from benchmarks.processes.script import Script, customer_actor

if TYPE_CHECKING:
    from backoffice.customers.models import Customer
    from backoffice.domains.models import Domain

END = "demo.example"
RIVAL = "rival"
_AGED, _LEFT = timedelta(days=400), timedelta(days=330)
_CITIZENS = range(100_000_000, 999_999_999)


def make_domains(script: Script, count: int) -> list[Domain]:
    """Each of a customer of its own, and known to the registry with its holder."""
    from backoffice.domains.ports import registry
    from backoffice.domains.refreshing import note_seen
    from backoffice.domains.registering import register

    now, made = datetime.now(UTC), []
    for _ in range(count):
        customer = script._make_customer()
        name = f"bench-{customer.public_id.hex[:12]}.{END}"
        made.append(register(name=name, customer=customer, registered_at=now - _AGED, expires_at=now + _LEFT))
    told = [_as_registered(domain) for domain in made]
    control("domains", {"domains": told})
    for domain in made:
        handle = _handle(domain.customer)
        registry(domain.registry).change_contact(handle, _card(domain.customer), f"bench:{handle}")
        note_seen(domain=domain, seen=registry(domain.registry).look(domain.name))
    return made


def control(path: str, content: Mapping[str, Any]) -> Any:
    """Tells the embedded registry something that is no business of ours."""
    from django.conf import settings

    answer = requests.post(f"{settings.REGISTRY_CONTROL_URL}/_sim/{path}", json=content, timeout=10)
    answer.raise_for_status()
    return answer.json()


def _handle(customer: Customer) -> str:
    return f"CS-{customer.public_id.hex[:10]}"


def _as_registered(domain: Domain) -> dict[str, Any]:
    return {
        "name": domain.name,
        "registrant": _handle(domain.customer),
        "contacts": [["admin", _handle(domain.customer)]],
        "statuses": ["clientTransferProhibited"],
        "created": domain.registered_at.isoformat(),
        "expires": domain.expires_at.isoformat(),
    }


def _card(customer: Customer) -> Any:
    from backoffice.domains.ports import ContactCard

    return ContactCard(
        name=customer.name, street=("Keizersgracht 1",), city="Amsterdam", postal_code="1015 CJ", country="NL",
        mail=f"{customer.public_id.hex}@example.org",
    )  # fmt: skip


@dataclass(frozen=True)
class Given:
    domain: Domain
    new_holder: Customer
    mail: str


class Cession(Script):
    """On the electronic way, to the end: between two customers whom we know, so nobody has to approve it."""

    name = "domain_cession"
    answers = {"request": {}, "confirm_old": {"decision": "agreed"}}

    def make(self, count: int) -> list[Given]:
        return [self._given(domain) for domain in make_domains(self, count)]

    def open_case(self, subject: Given) -> uuid.UUID:
        holder, new = subject.domain.customer, subject.new_holder
        return self._open(
            holder, customer_actor(holder), domain=str(subject.domain.public_id), route="electronic",
            new_is="person", given_name=new.given_name, family_name=new.family_name, mail=subject.mail,
        )  # fmt: skip

    def confirm_new(self, item: Any) -> dict[str, str]:
        from stdnum.nl import bsn

        first = _CITIZENS.start + self._product.next_number() * 1000 % len(_CITIZENS)
        number = next(one for one in map(str, range(first, _CITIZENS.stop)) if bsn.is_valid(one))
        home = {"country": "NL", "line1": "Singel 8", "code": "1012 AB", "town": "Amsterdam"}
        return {"decision": "agreed", "number_kind": "BSN", "number": number, **home}

    def _given(self, domain: Domain) -> Given:
        from backoffice.customers import contact_points
        from backoffice.customers.models import ContactKind

        new = self._make_customer()
        mail = contact_points.current(customer=new, kind=ContactKind.MAIL)
        assert mail is not None
        return Given(domain, new, mail.value)


class Safeguard(Script):
    """The value mark of a domain is taken away by its holder, who can stop that for seven days: see
    `hurried_worker.py`."""

    name = "domain_safeguard"
    answers = {"confirm_safeguard": {}}

    def make(self, count: int) -> list[Domain]:
        from backoffice.domains.models import MarkedBy

        made = make_domains(self, count)
        for domain in made:
            domain.is_high_value, domain.marked_by = True, MarkedBy.HOLDER
            domain.save(update_fields=["is_high_value", "marked_by"])
        return made

    def open_case(self, subject: Domain) -> uuid.UUID:
        holder = subject.customer
        return self._open(holder, customer_actor(holder), domain=str(subject.public_id), change="unprotect")


class TransferOut(Script):
    """To the end: another registrar asks with the code that its holder was shown, and the holder approves."""

    name = "domain_transfer_out"
    answers = {"confirm_transfer_out": {}, "approve_transfer": {}}

    def __init__(self, product: Any, addresses: Mapping[str, str]) -> None:
        super().__init__(product, addresses)
        self._asks: list[dict[str, str]] = []
        """What the other registrar has still to ask the registry for."""
        self._shown: set[uuid.UUID] = set()

    def make(self, count: int) -> list[Domain]:
        return make_domains(self, count)

    def open_case(self, subject: Domain) -> uuid.UUID:
        holder = subject.customer
        return self._open(holder, customer_actor(holder), domain=str(subject.public_id))

    def take_transfer_code(self, item: Any) -> None:
        """In a session of the holder, who is then shown the code and gives it to the other registrar. They do not want
        another one, which is offered until the registry tells us what was asked of it."""
        if item.case_id in self._shown:
            return
        self._shown.add(item.case_id)
        from backoffice.actors import Level
        from backoffice.cases import answering
        from backoffice.domains.transfer_out import codes
        from backoffice.domains.transfer_out.particulars import of_id
        from backoffice.trust import assurance

        session = answering.Session(user=item.case.customer.user, key=uuid.uuid4().hex)
        assurance.grant(
            user=session.user, session_key=session.key, case_id=item.case_id, action=item.step, level=Level.CONFIRMED,
            method="totp", now=datetime.now(UTC),
        )  # fmt: skip
        by = customer_actor(item.case.customer, is_proven=False)
        answering.answer(item_id=item.id, by=by, data={}, session=session)
        code = codes.reveal(case_id=item.case_id, by=by, session=session)
        self._asks.append({"do": "request", "name": of_id(item.case_id).domain.name, "by": RIVAL, "authinfo": code})

    def letters(self, cases: Sequence[uuid.UUID]) -> list[Any]:
        asks, self._asks = self._asks, []
        return asks

    def report(self, letter: Any) -> None:
        answered = control("act", letter)["code"]
        if answered >= 2000:
            raise RuntimeError(f"the registry answered another registrar {answered}")
