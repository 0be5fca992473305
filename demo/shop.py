"""The flower shop of the demonstration: a merchant with two agents, and two customers who have a card on file."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import requests
from django.conf import settings

from backoffice.actors import Actor, ActorKind, Channel, Level
from backoffice.cases import answering
from backoffice.cases.models import Case, ItemState, WorkItem
from backoffice.cases.opening import open_by_form
from backoffice.customers.models import Customer
from backoffice.documents import storing
from backoffice.documents.models import Origin
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.cards_on_file import keeping
from backoffice.payments.cards_on_file.models import CardOnFile
from backoffice.payments.merchants.models import Merchant, MerchantState
from backoffice.payments.merchants.papers import EXTRACT
from backoffice.staff.models import User
from backoffice.staff.roles import actor_of
from demo.people import BY_USERNAME
from demo.story.phones import SHOP_NUMBERS

NAME = "Fleur"
"""As it is read out."""
PAYING = ("nadia", "omar")
_APPLIES = {
    "trade": "5992",
    "trading_name": NAME,
    "currency": "EUR",
    "highest_amount": "250.00",
    "monthly_volume": "8000.00",
    "iban": "NL91 ABNA 0417 1643 00",
}
_CHECKED = {
    **dict.fromkeys(("name", "number", "active", "fresh", "entitled", "trade_fits"), "yes"),
    "outcome": "fits",
}
_DECIDED = {
    "outcome": "approved",
    "reason": "A shop that we have known for years",
    "per_payment": "250.00",
    "per_day": "2000.00",
    "per_month": "20000.00",
    "fee_fixed": "0.25",
    "fee_percent": "1.40",
    "payout_delay": "0",
}
_PATIENCE = 60.0
_T = TypeVar("_T")


def prepare(*, now: datetime) -> None:
    """Has the shop admitted by its whole process, with agents and cards on file. Safe to repeat. Those who pay live
    where it is day now, so that we may call them at whatever hour the stories are played."""
    merchant = Merchant.objects.filter(trading_name=NAME, state=MerchantState.ADMITTED).first() or _admitted()
    if not merchant.payout_account:
        Merchant.objects.filter(pk=merchant.pk).update(payout_account=_payout_account(), payout_delay=0)
    for username, number in SHOP_NUMBERS.items():
        _add_agent(merchant, username, number, now=now)
    zone = f"Etc/GMT{datetime.now(UTC).hour - 13:+d}"
    for username in PAYING:
        customer = Customer.objects.get(user__username=username)
        Customer.objects.filter(pk=customer.pk).update(time_zone=zone)
        _give_card(customer, now=now)


def _admitted() -> Merchant:
    company = Customer.objects.get(user__username="fleur")
    by = _as_customer(company)
    case, _new = open_by_form(
        process="merchant_admission", by=by, key=f"demo:{uuid.uuid4()}", data=_APPLIES, customer=company
    )
    papers = _item(case, "send_papers")
    what = storing.What(
        purpose=EXTRACT, origin=Origin.UPLOADED, case=case, item=papers, customer=company, label="Extract.pdf"
    )
    storing.keep(what, b"%PDF-1.7", media_type="application/pdf", pages=1, by=by, now=datetime.now(UTC))
    answering.answer(item_id=papers.id, by=by, data={"agrees": "on"})
    decided = {**_DECIDED, "payout_account": _payout_account()}
    for kind, who, told in (("check_register", "hanna", _CHECKED), ("decide_admission", "ada", decided)):
        answering.answer(item_id=_item(case, kind).id, by=_as_staff(who), data=told)
    return _until(lambda: Merchant.objects.filter(case=case).first())


def _item(case: Case, kind: str) -> WorkItem:
    return _until(lambda: WorkItem.objects.filter(case=case, kind=kind, state=ItemState.OPEN).first())


def _until(found: Callable[[], _T | None]) -> _T:
    """What the process does by itself."""
    deadline = time.monotonic() + _PATIENCE
    while (result := found()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError("the shop is not admitted: does the worker run?")
        time.sleep(0.05)
    return result


def _add_agent(merchant: Merchant, username: str, number: str, *, now: datetime) -> None:
    user = User.objects.get(username=username)
    if MerchantAgent.objects.filter(user=user).exists():
        return
    name = BY_USERNAME[username].given_name
    MerchantAgent.objects.create(
        merchant=merchant, user=user, name=name, telephone=number, added_at=now, added_by="demo", joined_at=now
    )


def _give_card(customer: Customer, *, now: datetime) -> None:
    """A card of the provider's simulator that pays: it is told there, as the voice gateway would tell it."""
    if CardOnFile.objects.filter(customer=customer, forgotten_at=None).exists():
        return
    card: Mapping[str, Any] = {
        "type": "card",
        "card[number]": "4242424242424242",
        "card[exp_month]": 12,
        "card[exp_year]": now.year + 3,
        "card[cvc]": "123",
    }
    keeping.keep(customer=customer, token=_new("payment_methods", card), by=_as_customer(customer), now=now)


def _payout_account() -> str:
    """An account of the shop at the provider, which its simulator knows."""
    return _new("accounts", {"type": "express", "country": "NL"})


def _new(what: str, told: Mapping[str, Any]) -> str:
    """The id of something new at the provider's simulator."""
    headers = {"Authorization": f"Bearer {settings.PAYMENTS_KEY}"}
    answer = requests.post(f"{settings.PAYMENTS_URL}/v1/{what}", data=told, headers=headers, timeout=10)
    answer.raise_for_status()
    return str(answer.json()["id"])


def _as_customer(customer: Customer) -> Actor:
    return Actor(
        kind=ActorKind.CUSTOMER,
        id=str(customer.public_id),
        channel=Channel.PORTAL,
        level=Level.CONFIRMED,
        proof="totp",
    )


def _as_staff(username: str) -> Actor:
    return actor_of(user=User.objects.get(username=username), channel=Channel.COMMAND_LINE)
