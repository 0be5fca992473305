"""What the people of the demonstration pay again and again: companies under `example` names, and what the embedded
issuer and account updater must know of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import requests
from django.conf import settings

from backoffice.actors import Channel, system
from backoffice.cards.autopay import billers, mandates
from backoffice.cards.autopay.models import Biller, Category, Reach, Whose
from backoffice.cards.models import Card
from backoffice.staff.models import User
from backoffice.staff.roles import actor_of

EVERY = 30
"""Days between two debits; a fifth of them comes a day later."""


@dataclass(frozen=True)
class Company:
    """`code` is what the account updater answers; empty stays silent. `mcc` is the merchant category (ISO 18245)."""

    name: str
    network_id: str
    category: Category
    mcc: str
    code: str
    amount: int
    reach: Reach = Reach.NOTHING
    address: str = ""
    mail: str = ""
    how: str = ""


COMPANIES: Sequence[Company] = (
    Company(
        "Example Energy", "EXMPL0001", Category.ENERGY, "4900", "A", 8450, Reach.LETTER, "Example Street 1",
        how="In “My contract”, under “How I pay”, choose “Another card”.",
    ),
    Company(
        "Example Phone", "EXMPL0002", Category.TELEPHONE, "4814", "A", 2500, Reach.WEBHOOK,
        how="In their app, under “Payment”.",
    ),
    Company("Example Music", "EXMPL0003", Category.MEDIA, "5968", "E", 1099),
    Company(
        "Example Gym", "EXMPL0004", Category.SPORT, "7997", "N", 3490, Reach.MAIL, mail="members@gym.example",
        how="Go to the desk with the new card, or call the number on the membership card.",
    ),
    Company(
        "Example Water", "EXMPL0005", Category.ENERGY, "4900", "", 1875,
        how="Write the new card into the form on the back of the last bill, and send it to the address on the bill.",
    ),
)  # fmt: skip
_KNOWN = (
    ("ic_demo_piotr", "Example Water", Whose.HOUSEHOLD),
    ("ic_demo_tulip", "Example Phone", Whose.OWN),
    ("ic_demo_maria_second", "My mother's rent", Whose.OTHER),
)
"""By the issuer's token of a card: what its holder has told us."""


def load(*, now: datetime) -> None:
    """Enters the companies that are missing, and Maria's and Piotr's payments that no issuer would show. Safe to
    repeat."""
    for one in COMPANIES:
        if not Biller.objects.filter(network_id=one.network_id).exists():
            reaches = one.reach is not Reach.WEBHOOK or bool(settings.UPDATER_URL)
            _enter(one, one.reach if reaches else Reach.NOTHING, now=now)
    for token, name, whose in _KNOWN:
        card = Card.objects.filter(issuer_token=token).first()
        if card and not card.customer.mandates.filter(biller__name=name).exists():
            due = (now + timedelta(days=11)).date()
            mandates.add(
                customer=card.customer, card=card, biller=name, whose=whose, next_debit=due, by=system(), now=now
            )


def _enter(company: Company, reach: Reach, *, now: datetime) -> None:
    """By a supervisor. A system of its own is the simulator, which learns the secret of our messages."""
    name = company.network_id.lower()
    url = f"{settings.UPDATER_URL.rstrip('/')}/billers/{name}" if reach is Reach.WEBHOOK else ""
    particulars = billers.Particulars(
        name=company.name,
        country="NL",
        category=company.category,
        network_id=company.network_id,
        reach=reach,
        url=url,
        address=company.address,
        mail=company.mail,
        how_to_change=company.how,
    )
    supervisor = actor_of(user=User.objects.get(username="sam"), channel=Channel.COMMAND_LINE)
    entered = billers.enter(particulars=particulars, by=supervisor, now=now)
    if entered.our_secret:
        _post(settings.UPDATER_URL, "billers", {name: entered.our_secret})


def tell_simulators(cards: Sequence[Card]) -> None:
    """Five payments a month of each card, for half a year, a wallet in a telephone and one in a watch; and what the
    networks will answer of each company. Known payments stay as they are."""
    for card in cards:
        _post(settings.ISSUER_URL, "payments", {"payments": _payments(card.issuer_token)})
        wallets = [
            {"card": card.issuer_token, "id": f"intok_{card.issuer_token}_{wallet}", "wallet": wallet, "device": device}
            for wallet, device in (("apple_pay", "phone"), ("google_pay", "watch"))
        ]
        _post(settings.ISSUER_URL, "wallets", {"wallets": wallets})
    if settings.UPDATER_URL:
        _post(settings.UPDATER_URL, "codes", {one.network_id: one.code for one in COMPANIES})


def _payments(token: str) -> list[Mapping[str, object]]:
    return [
        {
            "id": f"ipi_{token}_{one.network_id}_{month}",
            "card": token,
            "merchant": one.name,
            "network_id": one.network_id,
            "category_code": one.mcc,
            "amount": one.amount + month * (7 if one.category == Category.ENERGY else 0),
            "days_ago": 4 + number + month * EVERY + (1 if month % 5 == 4 else 0),
        }
        for number, one in enumerate(COMPANIES)
        for month in range(6)
    ]


def _post(url: str, path: str, content: Any) -> None:
    requests.post(f"{url.rstrip('/')}/_sim/{path}", json=content, timeout=10).raise_for_status()
