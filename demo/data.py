"""What the people of the demonstration have: accounts, roles, cards, domains."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group
from django.db import transaction

from backoffice.actors import system
from backoffice.cards.models import Card, CardState
from backoffice.customers import contact_points
from backoffice.customers.models import ContactKind, Customer, CustomerKind
from backoffice.customers.postal import PostalAddress
from backoffice.customers.registering import Particulars, register
from backoffice.domains.registering import register as register_domain
from backoffice.staff.models import Role, StaffProfile, User
from demo.people import PASSWORD, PEOPLE, Person

KNOWN_SINCE = timedelta(days=900)
NEW_PHONE_AGE = timedelta(days=3)
"""Maria's number is so new that the reissue of her card is risky, and a visitor comes."""
MARIAS_NUMBERS = ("+12025550142", "+12025550167", "+12025550178")

CUSTOMERS: dict[str, dict[str, Any]] = {
    "maria": {
        "given_name": "Maria",
        "family_name": "Jansen",
        "birth_date": "1984-05-17",
        "contacts": {
            ContactKind.MAIL: "maria.jansen@example.org",
            ContactKind.PHONE: "+12025550113",
            ContactKind.POSTAL: PostalAddress(
                country="NL", lines=("Keizersgracht 412",), postal_code="1016 GC", town="Amsterdam"
            ),
        },
        "national_ids": {"BSN": "111222333"},
    },
    "piotr": {
        "given_name": "Piotr",
        "family_name": "Nowak",
        "birth_date": "1944-05-14",
        "country": "PL",
        "time_zone": "Europe/Warsaw",
        "contacts": {
            ContactKind.MAIL: "piotr.nowak@example.org",
            ContactKind.PHONE: "+12125550121",
            ContactKind.POSTAL: PostalAddress(
                country="PL", lines=("Prosta 51",), postal_code="00-838", town="Warszawa"
            ),
        },
        "national_ids": {"PESEL": "44051401359"},
    },
    "tulip": {
        "kind": CustomerKind.ORGANISATION,
        "organisation_name": "Tulip Trading sp. z o.o.",
        "country": "PL",
        "time_zone": "Europe/Warsaw",
        "contacts": {
            ContactKind.MAIL: "office@tulip.example",
            ContactKind.PHONE: "+13125550134",
            ContactKind.POSTAL: PostalAddress(country="PL", lines=("Długa 7",), postal_code="80-827", town="Gdańsk"),
        },
        "national_ids": {"NIP": "1234563218", "REGON": "123456785"},
    },
}
CARDS: dict[str, list[tuple[str, str, str, CardState]]] = {
    "maria": [
        ("ic_demo_maria", "VISA", "4242", CardState.ACTIVE),
        ("ic_demo_maria_second", "Mastercard", "5454", CardState.ACTIVE),
    ],
    "piotr": [("ic_demo_piotr", "VISA", "1881", CardState.ACTIVE)],
    "tulip": [
        ("ic_demo_tulip", "VISA", "5556", CardState.ACTIVE),
        ("ic_demo_tulip_old", "VISA", "3222", CardState.CLOSED),
    ],
}
"""Issuer's token, brand, last four, state."""
DOMAINS: dict[str, list[str]] = {
    "maria": ["jansen-bloemen.example"],
    "piotr": ["nowak.example", "żółw.example"],
    "tulip": ["tulip.example", "tulip-trading.example"],
}


@transaction.atomic
def load(*, now: datetime) -> None:
    """Makes the people and belongings that are missing. Safe to repeat."""
    for number, person in enumerate(PEOPLE, start=1):
        user = _account(person)
        if person.role is None:
            _customer(person.username, user, now)
        else:
            _profile(user, person.role, number, now)


def _account(person: Person) -> User:
    """The person's sign-in, with the known password and authenticator, and their role."""
    user = User.objects.filter(username=person.username).first()
    if user is None:
        user = User.objects.create_user(username=person.username, password=PASSWORD)
    user.first_name, user.last_name = person.given_name, person.family_name
    user.is_active, user.is_staff = True, person.role is not None
    user.save(update_fields=["first_name", "last_name", "is_active", "is_staff"])
    user.groups.set(Group.objects.filter(name=person.role.value) if person.role else [])
    if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        TOTP.activate(user, person.totp_secret)
    return user


def _profile(user: User, role: Role, number: int, now: datetime) -> None:
    visits = role == Role.FIELD
    StaffProfile.objects.update_or_create(
        user=user,
        defaults={
            "badge_number": f"MB-{1000 + number * 37}",
            "phone_extension": f"{200 + number}",
            "certified_visitor": visits,
            "certified_until": (now + timedelta(days=365)).date() if visits else None,
        },
    )


def _customer(key: str, user: User, now: datetime) -> None:
    customer = Customer.objects.filter(user=user).first()
    if customer is None:
        customer = register(
            particulars=Particulars(**CUSTOMERS[key], verified_how="branch", reached_since=now - KNOWN_SINCE),
            by=system(),
            now=now,
            user=user,
        )
    if key == "maria":
        _keep_phone_new(customer, now)
    for token, brand, last_four, state in CARDS[key]:
        Card.objects.get_or_create(
            issuer_token=token,
            defaults={
                "customer": customer,
                "brand": brand,
                "last_four": last_four,
                "state": state,
                "expiry_month": 9,
                "expiry_year": now.year + 2,
            },
        )
    for name in DOMAINS[key]:
        register_domain(
            name=name,
            customer=customer,
            registered_at=now - timedelta(days=400),
            expires_at=now + timedelta(days=330),
        )


def _keep_phone_new(customer: Customer, now: datetime) -> None:
    """Changes Maria's number if the last change is too long ago for the story, also weeks after the first load."""
    if contact_points.phone_is_old_enough(customer=customer, now=now):
        point = contact_points.current(customer=customer, kind=ContactKind.PHONE)
        fresh = next(number for number in MARIAS_NUMBERS if point is None or number != point.value)
        contact_points.supersede(
            customer=customer,
            kind=ContactKind.PHONE,
            value=fresh,
            how="portal",
            by=system(),
            now=now - NEW_PHONE_AGE,
        )
