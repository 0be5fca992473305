"""Records for tests: every check digit is valid, and they belong to nobody.

Telephone numbers are of the range that the North American plan keeps for fiction (555-01xx), names of hosts of
RFC 2606. A customer's addresses are 400 days old and verified, unless a test wants them younger.
"""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.test import Client

from backoffice.actors import Actor, Channel, system
from backoffice.cards.models import Card, CardState
from backoffice.customers import contact_points
from backoffice.customers.addresses import index_of
from backoffice.customers.models import ContactKind, ContactPoint, Customer, CustomerKind
from backoffice.customers.postal import PostalAddress
from backoffice.customers.registering import Particulars, register
from backoffice.domains import registering as domain_registering
from backoffice.domains.invoices import entering
from backoffice.domains.invoices.due import today_of
from backoffice.domains.models import Domain, Invoice
from backoffice.staff.models import Role, StaffProfile, User
from backoffice.staff.roles import actor_of

PASSWORD = "correct-horse-battery"
_numbers = itertools.count(1)


def now() -> datetime:
    return datetime.now(UTC)


def valid_bsn(seed: int) -> str:
    """A citizen's number that passes the test of eleven, from eight chosen digits."""
    for body in itertools.count(10_000_000 + seed * 7):
        digits = [int(sign) for sign in str(body)]
        check = sum(digit * weight for digit, weight in zip(digits, range(9, 1, -1), strict=True)) % 11
        if check < 10:
            return f"{body}{check}"
    raise AssertionError


def phone_number(seed: int) -> str:
    """One of 99 of the hundred numbers in each area that are reserved for fiction."""
    areas = ("202", "212", "312", "415", "503", "617", "702", "808")
    return f"+1{areas[seed // 99 % len(areas)]}55501{seed % 99:02d}"


def new_phone_number(seed: int = 99) -> str:
    """A number of another area, which none of these customers has yet; by default its end is nobody else's either."""
    return f"+120655501{seed:02d}"


def make_user(*, username: str = "", password: str = PASSWORD, **fields: Any) -> User:
    """A sign-in that belongs to nobody yet."""
    return User.objects.create(username=username or f"user{next(_numbers)}", password=_hashed(password), **fields)


@cache
def _hashed(password: str) -> str:
    """Hashed once: it is slow, as it should be."""
    return make_password(password)


def make_address(
    *lines: str, country: str = "NL", postal_code: str = "1015 CJ", town: str = "Amsterdam", recipient: str = ""
) -> PostalAddress:
    """An address in Amsterdam, or with other parts."""
    return PostalAddress(country=country, lines=lines, postal_code=postal_code, town=town, recipient=recipient)


def make_customer(
    *,
    days: int = 400,
    phone_days: int | None = None,
    verified_how: str = "branch",
    sign_in: bool = True,
    **particulars: Any,
) -> Customer:
    """A customer who can sign in, reached since `days`; with `phone_days`, their number changed so many days ago.

    Other arguments are fields of `Particulars`. The user's password is `PASSWORD`.
    """
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "given_name": "Maria",
        "family_name": f"Jansen{number}",
        "birth_date": "1984-05-17",
        "contacts": {
            ContactKind.MAIL: f"maria{number}@example.org",
            ContactKind.PHONE: phone_number(number),
            ContactKind.POSTAL: make_address(f"Keizersgracht {number}", recipient=_for_the_post(particulars, number)),
        },
        "national_ids": {"BSN": valid_bsn(number)},
    }
    if particulars.get("kind") == CustomerKind.ORGANISATION:
        defaults |= {"given_name": "", "family_name": "", "birth_date": "", "national_ids": {}}
        defaults["organisation_name"] = f"Tulip {number} B.V."
    customer = register(
        particulars=Particulars(
            **(defaults | particulars), verified_how=verified_how, reached_since=now() - timedelta(days=days)
        ),
        by=system(),
        now=now(),
        user=make_user(username=f"customer{number}") if sign_in else None,
    )
    if phone_days is not None:
        change_phone(customer=customer, days_ago=phone_days)
    return customer


def old_address(customer: Customer, text: str, *, days: int = 400) -> ContactPoint:
    """A postal address as one text in place of theirs, as it was written before addresses had parts."""
    in_force = ContactPoint.objects.filter(customer=customer, kind=ContactKind.POSTAL, superseded_at=None)
    in_force.update(superseded_at=now())
    return ContactPoint.objects.create(
        customer=customer,
        kind=ContactKind.POSTAL,
        value=text,
        value_index=index_of(kind=ContactKind.POSTAL, value=text),
        masked="•••",
        since=now() - timedelta(days=days),
        verified_at=now() - timedelta(days=days),
        verified_how="branch",
    )


def change_phone(*, customer: Customer, days_ago: int = 3) -> None:
    """Gives the customer a new, verified telephone number, so many days ago."""
    contact_points.supersede(
        customer=customer,
        kind=ContactKind.PHONE,
        value=phone_number(next(_numbers) + 400),
        how="portal",
        by=system(),
        now=now() - timedelta(days=days_ago),
    )


def _for_the_post(particulars: dict[str, Any], number: int) -> str:
    """The line in Latin letters that an address needs for a person whose name is in others."""
    names = "".join(str(particulars.get(name, "")) for name in ("given_name", "family_name", "organisation_name"))
    return "" if all(one < "\u02b0" or not one.isalpha() for one in names) else f"Customer {number}"


def make_customer_with_new_phone(**fields: Any) -> Customer:
    """A customer whose telephone number is three days old: every case of theirs is risky."""
    return make_customer(**({"phone_days": 3} | fields))


def make_card(*, customer: Customer | None = None, **fields: Any) -> Card:
    """An active card of the customer, or of a new one."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "issuer_token": f"ic_test_{number}",
        "brand": "VISA",
        "last_four": f"{4242 + number:04d}"[-4:],
        "expiry_month": 9,
        "expiry_year": now().year + 2,
        "state": CardState.ACTIVE,
    }
    return Card.objects.create(customer=customer or make_customer(), **(defaults | fields))


def make_staff(
    *, role: Role | None = Role.SUPPORT, certified: bool | None = None, totp: str | None = None, **fields: Any
) -> User:
    """A member of staff in the role's group, with a profile and an authenticator.

    A field agent is a certified visitor unless told otherwise. `totp` is the authenticator's secret, "" for none.
    """
    number = next(_numbers)
    names = {"first_name": "Hanna", "last_name": f"Bakker{number}"}
    user = make_user(username=fields.pop("username", f"staff{number}"), is_staff=True, **(names | fields))
    if role is not None:
        user.groups.add(Group.objects.get(name=role.value))
    certified = role == Role.FIELD if certified is None else certified
    StaffProfile.objects.create(
        user=user,
        badge_number=f"B{number:05d}",
        certified_visitor=certified,
        certified_until=(now() + timedelta(days=365)).date() if certified else None,
    )
    if totp != "":
        TOTP.activate(user, totp or generate_totp_secret())
    return user


def totp_code(secret: str, *, at: datetime | None = None, step: int = 0) -> str:
    """The six digits that an authenticator with this secret shows; `step` of 30 seconds later."""
    counter = int((at or now()).timestamp()) // 30 + step
    return str(format_hotp_value(hotp_value(secret, counter)))


def make_domain(*, customer: Customer | None = None, name: str = "", **fields: Any) -> Domain:
    """A name under `.example`, registered a year ago for two years."""
    defaults: dict[str, Any] = {
        "registered_at": now() - timedelta(days=365),
        "expires_at": now() + timedelta(days=365),
    }
    return domain_registering.register(
        name=name or f"tulip{next(_numbers)}.example", customer=customer or make_customer(), **(defaults | fields)
    )


def make_invoice(*, customer: Customer | None = None, **fields: Any) -> Invoice:
    """An invoice of three weeks ago: a name for a year at 23 %, and a handbook at 8 %."""
    day = (now() - timedelta(days=21)).date()
    told: dict[str, Any] = {
        "number": f"FV/2026/11/{next(_numbers):04d}",
        "issued_on": day,
        "sold_on": day,
        "seller": entering.Party("Meridian Registrar B.V.", ["Damrak 1", "1012 LG Amsterdam"]),
        "buyer": entering.Party("Tulip B.V.", ["Keizersgracht 1", "1015 CJ Amsterdam"], [("NIP", "8567346215")]),
        "currency": "EUR",
        "lines": [
            entering.Line(text="tulip.example, one year", unit_net=Decimal("40.00"), vat_rate=Decimal(23)),
            entering.Line(text="Handbook", unit_net=Decimal("10.00"), quantity=Decimal(2), vat_rate=Decimal(8)),
        ],
    }
    issued = entering.Issued(**(told | fields))
    return entering.enter(customer=customer or make_customer(), issued=issued, by=system(), now=now())


def make_debt(domain: Domain, *, customer: Customer | None = None, days: int = 3, **fields: Any) -> Invoice:
    """An invoice for the domain, to its holder or to somebody else, that was to be paid so many days ago by the
    calendar of whoever owes it: for some hours of each day theirs is not UTC's."""
    debtor = customer or domain.customer
    line = entering.Line(
        text=f"{domain}, one year", unit_net=Decimal("60.00"), vat_rate=Decimal(23), domain=domain.name
    )
    due_on = today_of(debtor, now()) - timedelta(days=days)
    told: dict[str, Any] = {"due_on": due_on, "lines": [line]} | fields
    return make_invoice(customer=debtor, **told)


def actor(user: User, **fields: Any) -> Actor:
    """The user as the rules see them, signed in at the desk or the portal."""
    channel = Channel.DESK if user.is_staff else Channel.PORTAL
    return actor_of(user=user, **({"channel": channel} | fields))


def sign_in(client: Client, user: User, *, factor: bool = True, seconds_ago: float = 0) -> Client:
    """Opens a session of the user in the test client; staff with their second factor shown so many seconds ago."""
    client.force_login(user)
    session = client.session
    records: list[dict[str, Any]] = [{"method": "password", "at": time.time() - seconds_ago}]
    if factor:
        records.append({"method": "mfa", "type": "totp", "at": time.time() - seconds_ago})
    session["account_authentication_methods"] = records
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client
