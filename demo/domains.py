"""What the people of the demonstration have with the registrar: domains, invoices, and who signs for a company.

The embedded registry learns the same names, and our records take over what it says of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import requests
from django.conf import settings

from backoffice.actors import system
from backoffice.customers import contact_points, representatives
from backoffice.customers.models import Act, ContactKind, Customer, May
from backoffice.domains.cession.opening import why_not_cede
from backoffice.domains.invoices.due import whole
from backoffice.domains.invoices.entering import Issued, Line, Party, enter
from backoffice.domains.invoices.paying import Paid, record_payment
from backoffice.domains.models import Domain
from backoffice.domains.names import clean
from backoffice.domains.ports import ContactCard, Status, registry
from backoffice.domains.refreshing import note_seen
from backoffice.domains.registering import register

OWNED: dict[str, Sequence[str]] = {
    "maria": ["jansen-bloemen.example"],
    "piotr": ["nowak.example", "żółw.example"],
    "tulip": ["tulip.example", "tulip-trading.example", "tulip.demo.example"],
}
FOR_STORIES = {
    "signed": ("piotr", "rowery"),
    "paper": ("piotr", "warsztat"),
    "electronic": ("maria", "bloemen"),
}
"""For each cession of the story: who gives the domain away, and how its name begins."""
END = "demo.example"
"""Names under it change hands within seconds (`policies.toml`)."""
LOCKED = {"tulip.example": [Status.CLIENT_DELETE.value, Status.CLIENT_TRANSFER.value]}
"""What the registry forbids of them, at the holder's own wish."""
REGISTERED_AGO, EXPIRES_IN = timedelta(days=400), timedelta(days=330)
SELLER = Party("Meridian Registrar B.V.", ["Damrak 1", "1012 LG Amsterdam"], [("VAT", "NL001234567B01")])
INVOICES: Sequence[tuple[str, str, date, str, Sequence[tuple[str, str, str]]]] = (
    ("tulip", "FV/2026/03/0117", date(2026, 3, 4), "PLN", [("tulip.example, one year", "60.00", "tulip.example")]),
    (
        *("tulip", "FV/2026/09/0342", date(2026, 9, 21), "PLN"),
        [("tulip-trading.example, one year", "60.00", "tulip-trading.example")],
    ),
    (
        *("tulip", "FV/2026/11/0518", date(2026, 11, 2), "EUR"),
        [("Mailboxes, ten", "35.00", ""), ("Certificate", "49.00", "")],
    ),
    ("piotr", "FV/2026/05/0204", date(2026, 5, 18), "PLN", [("nowak.example, one year", "60.00", "nowak.example")]),
    (
        *("maria", "FV/2026/06/0266", date(2026, 6, 9), "EUR"),
        [("jansen-bloemen.example, one year", "14.00", "jansen-bloemen.example")],
    ),
)
"""Customer, number, day, currency, and lines as (text, net amount, domain) at 23 % VAT."""
TO_PAY_WITHIN = timedelta(days=30)
PAID = {
    "FV/2026/03/0117": date(2026, 3, 12),
    "FV/2026/05/0204": date(2026, 6, 2),
    "FV/2026/06/0266": date(2026, 6, 15),
}
"""When the whole of an invoice was paid. That of September is overdue, so its domain is refused a new holder."""
TRANSFER = "By transfer to NL02 ABNA 0123 4567 89, with the number of the invoice."


def load(*, now: datetime) -> None:
    """Makes what is missing. Safe to repeat; a domain that changed hands meanwhile stays with its new holder."""
    customers = {key: Customer.objects.get(user__username=key) for key in OWNED}
    for key, names in OWNED.items():
        for name in names:
            _register(name, customers[key], now)
    for key, number, day, currency, lines in INVOICES:
        _invoice(customers[key], number, day, currency, lines, now)
    _represented(customers["tulip"], now)


def for_story(*, now: datetime) -> dict[str, str]:
    """A domain for each cession of the story, made where the last one is gone to its new holder."""
    chosen = {}
    for purpose, (key, begins) in FOR_STORIES.items():
        holder = Customer.objects.get(user__username=key)
        candidates = (f"{begins}-{number}.{END}" if number > 1 else f"{begins}.{END}" for number in count(1))
        chosen[purpose] = next(name for name in candidates if _can_be_given(name, holder, now))
    return chosen


def tell_registry() -> None:
    """Lets the embedded registry know the domains, each under a handle of its holder; what it knows stays as it is.
    Without an embedded registry it does nothing. Raises what `ports.Registry` raises."""
    if not settings.REGISTRY_CONTROL_URL:
        return
    unknown = list(Domain.objects.filter(registrant_handle="").exclude(registry="").select_related("customer__user"))
    told = [_as_registered(domain) for domain in unknown]
    address = f"{settings.REGISTRY_CONTROL_URL}/_sim/domains"
    requests.post(address, json={"domains": told}, timeout=10).raise_for_status()
    for customer in {domain.customer for domain in unknown}:
        registry().change_contact(_handle(customer), _card(customer), f"demonstration:{_handle(customer)}")
    for domain in unknown:
        note_seen(domain=domain, seen=registry(domain.registry).look(domain.name))


def _register(name: str, customer: Customer, now: datetime) -> None:
    if not Domain.objects.filter(name=clean(name)).exists():
        register(name=name, customer=customer, registered_at=now - REGISTERED_AGO, expires_at=now + EXPIRES_IN)


def _can_be_given(name: str, holder: Customer, now: datetime) -> bool:
    _register(name, holder, now)
    domain = Domain.objects.get(name=name)
    return domain.customer_id == holder.pk and not why_not_cede(domain, now)


def _invoice(
    customer: Customer, number: str, day: date, currency: str, lines: Sequence[tuple[str, str, str]], now: datetime
) -> None:
    numbers = [(one.kind, one.number) for one in customer.national_ids.filter(kind="NIP")]
    issued = Issued(
        number=number,
        issued_on=day,
        sold_on=day,
        due_on=day + TO_PAY_WITHIN,
        seller=SELLER,
        buyer=Party(customer.name, _address(customer).lines, numbers),
        currency=currency,
        lines=[
            Line(text=text, unit_net=Decimal(net), vat_rate=Decimal(23), domain=domain) for text, net, domain in lines
        ],
        notes=[TRANSFER],
    )
    invoice = enter(customer=customer, issued=issued, by=system(), now=now)
    if number in PAID:
        paid = Paid(key=f"demo:{number}", amount=whole(invoice), currency=currency, paid_on=PAID[number])
        record_payment(invoice=invoice, paid=paid, by=system(), now=now)


def _represented(company: Customer, now: datetime) -> None:
    """Eva de Wit signs alone for the company, by an extract of its register."""
    if representatives.in_force(company).exists():
        return
    extract_of = (now - timedelta(days=20)).date()
    entry = representatives.Entry(name="Eva de Wit", may=May.ALONE, acts=list(Act.values), extract_of=extract_of)
    representatives.enter(organisation=company, entry=entry, by=system(), now=now)


def _as_registered(domain: Domain) -> dict[str, Any]:
    handle = _handle(domain.customer)
    return {
        "name": domain.name,
        "registrant": handle,
        "contacts": [["admin", handle]],
        "statuses": LOCKED.get(domain.name, []),
        "created": domain.registered_at.isoformat(),
        "expires": domain.expires_at.isoformat(),
    }


def _handle(customer: Customer) -> str:
    """The registry's id of the customer: not from their name, which is personal."""
    return f"CS-{customer.public_id.hex[:10]}"


def _card(customer: Customer) -> ContactCard:
    address = _address(customer)
    mail = contact_points.current(customer=customer, kind=ContactKind.MAIL)
    return ContactCard(
        name=f"{customer.given_name} {customer.family_name}".strip() or "Eva de Wit",
        organisation=customer.organisation_name,
        street=address.lines,
        city=address.place,
        postal_code=address.postal_code,
        country=address.country,
        mail=mail.value if mail else "",
    )


def _address(customer: Customer) -> Any:
    point = contact_points.current(customer=customer, kind=ContactKind.POSTAL)
    return point.address if point else None
