"""What the people of the demonstration have: accounts, roles, cards, and through `domains` what they registered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction

from backoffice.actors import system
from backoffice.cards.models import Card, CardState
from backoffice.customers import contact_points
from backoffice.customers.models import ContactKind, ContactPoint, Customer, CustomerKind
from backoffice.customers.registering import Particulars, register
from backoffice.staff.models import Role, StaffProfile, User
from demo import domains, payments
from demo.customers import CUSTOMERS, Address, particulars, postal
from demo.people import PASSWORD, PEOPLE, Person

KNOWN_SINCE = timedelta(days=900)
NEW_PHONE_AGE, RENEWED_AFTER = timedelta(days=12), timedelta(days=25)
"""New enough for a second look at everything that is asked for, and old enough to be called."""
"""Maria's number is so new that the reissue of her card is risky, and a visitor comes."""
MARIAS_NUMBERS = ("+12025550142", "+12025550167", "+12025550178")

BRANDS = ("Visa", "Mastercard")
STORY: dict[str, dict[str, Any]] = {
    "maria": {
        "given_name": "Maria",
        "family_name": "Jansen",
        "birth_date": "1984-05-17",
        "contacts": {
            ContactKind.MAIL: "maria.jansen@example.org",
            ContactKind.PHONE: "+12025550113",
            ContactKind.POSTAL: postal(Address("Keizersgracht 412", "1016 GC", "Amsterdam", "NL")),
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
            ContactKind.POSTAL: postal(Address("Prosta 51", "00-838", "Warszawa", "PL")),
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
            ContactKind.POSTAL: postal(Address("Długa 7", "80-827", "Gdańsk", "PL")),
        },
        "national_ids": {"NIP": "1234563218", "REGON": "123456785"},
    },
    "nadia": {
        "given_name": "Nadia",
        "family_name": "Haddad",
        "birth_date": "1990-03-02",
        "contacts": {
            ContactKind.MAIL: "nadia.haddad@example.org",
            ContactKind.PHONE: "+14155550121",
            ContactKind.POSTAL: postal(Address("Oudegracht 88", "3511 AV", "Utrecht", "NL")),
        },
        "national_ids": {"BSN": "123456782"},
    },
    "omar": {
        "given_name": "Omar",
        "family_name": "Yilmaz",
        "birth_date": "1978-11-23",
        "contacts": {
            ContactKind.MAIL: "omar.yilmaz@example.org",
            ContactKind.PHONE: "+14155550134",
            ContactKind.POSTAL: postal(Address("Coolsingel 5", "3011 AA", "Rotterdam", "NL")),
        },
        "national_ids": {"BSN": "234567004"},
    },
    "fleur": {
        "kind": CustomerKind.ORGANISATION,
        "organisation_name": "Bloemenhandel Fleur B.V.",
        "contacts": {
            ContactKind.MAIL: "office@fleur.example",
            ContactKind.PHONE: "+13125550166",
            ContactKind.POSTAL: postal(Address("Bloemenmarkt 12", "1012 WH", "Amsterdam", "NL")),
        },
        "national_ids": {"KVK": "11223344"},
    },
}
CARDS: dict[str, list[tuple[str, str, str, CardState]]] = {
    "maria": [
        ("ic_demo_maria", "Visa", "4242", CardState.ACTIVE),
        ("ic_demo_maria_second", "Mastercard", "5454", CardState.ACTIVE),
        ("ic_demo_maria_earlier", "Visa", "4111", CardState.ACTIVE),
    ],
    "piotr": [("ic_demo_piotr", "Visa", "1881", CardState.ACTIVE)],
    "tulip": [
        ("ic_demo_tulip", "Visa", "5556", CardState.ACTIVE),
        ("ic_demo_tulip_old", "Visa", "3222", CardState.CLOSED),
    ],
}
"""Issuer's token, brand, last four, state."""


@transaction.atomic
def load(*, now: datetime) -> None:
    """Makes the people and belongings that are missing. Safe to repeat."""
    for number, person in enumerate(PEOPLE, start=1):
        user = _account(person, since=now - KNOWN_SINCE)
        if person.is_agent:
            continue  # Their merchant adds them.
        if person.role is None:
            _customer(person.username, user, now)
        else:
            _profile(user, person.role, number, now)
    domains.load(now=now)
    payments.load(now=now)


EARLIER = "ic_demo_maria_earlier"
"""Maria's card that was replaced in the week before the story."""


@transaction.atomic
def load_customers(*, now: datetime) -> dict[str, Card]:
    """Makes the other customers that are missing, each with a sign-in, an authenticator and a card; gives the cards by
    the keys of their customers, with Maria's. Nobody knows their passwords: they act in the played week alone."""
    cards = {"maria": Card.objects.get(issuer_token=EARLIER)}
    for number, someone in enumerate(CUSTOMERS, start=1):
        user, new = User.objects.get_or_create(
            username=f"customer.{someone.key}",
            defaults={"first_name": someone.given_name, "last_name": someone.family_name, "password": "!"},
        )
        if new:
            TOTP.activate(user, generate_totp_secret())
            known_since = now - KNOWN_SINCE + timedelta(days=number * 11)
            told = replace(particulars(someone, number), reached_since=known_since)
            register(particulars=told, by=system(), now=now, user=user)
        cards[someone.key], _new = Card.objects.get_or_create(
            issuer_token=f"ic_demo_{someone.key.replace('.', '_')}",
            defaults={
                "customer": user.customer,
                "brand": BRANDS[number % len(BRANDS)],
                "last_four": f"{(number * 1373 + 211) % 10_000:04d}",
                "state": CardState.ACTIVE,
                "expiry_month": number % 12 + 1,
                "expiry_year": now.year + 1 + number % 3,
            },
        )
    return cards


def _account(person: Person, *, since: datetime) -> User:
    """The person's sign-in, with the known password, their role, and an authenticator that they set up `since` then: it
    counts for whatever was opened later."""
    user = User.objects.filter(username=person.username).first()
    if user is None:
        user = User.objects.create(username=person.username, password=_hashed())
    user.first_name, user.last_name = person.given_name, person.family_name
    user.is_active, user.is_staff = True, person.role is not None
    user.save(update_fields=["first_name", "last_name", "is_active", "is_staff"])
    user.groups.set(Group.objects.filter(name=person.role.value) if person.role else [])
    if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        TOTP.activate(user, person.totp_secret)
        Authenticator.objects.filter(user=user).update(created_at=since)
    return user


@cache
def _hashed() -> str:
    """Once for all: it is slow, as it should be, and the password is no secret."""
    return make_password(PASSWORD)


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
            particulars=Particulars(**STORY[key], verified_how="branch", reached_since=now - KNOWN_SINCE),
            by=system(),
            now=now,
            user=user,
        )
    for token, brand, last_four, state in CARDS.get(key, []):
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


def keep_phone_new(*, now: datetime) -> None:
    """Changes Maria's number if the last change is too long ago for the story, also weeks after the first load."""
    customer = Customer.objects.get(user__username="maria")
    recently = contact_points.changed_within(customer=customer, now=now, days=RENEWED_AFTER.days)
    if ContactKind.PHONE not in recently:
        point = contact_points.current(customer=customer, kind=ContactKind.PHONE)
        fresh = next(number for number in MARIAS_NUMBERS if point is None or number != point.value)
        contact_points.supersede(
            customer=customer,
            kind=ContactKind.PHONE,
            value=fresh,
            how="code",
            by=system(),
            now=now - NEW_PHONE_AGE,
        )


def earlier_phone() -> str:
    """The number that Maria had before the present one; messages that announce a change go there too."""
    points = ContactPoint.objects.filter(customer__user__username="maria", kind=ContactKind.PHONE)
    return str(points.exclude(superseded_at=None).latest("superseded_at").value)
