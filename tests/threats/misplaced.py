"""Card numbers typed where they do not belong: in the pages and the API of a running stack, as people and machines do;
runs beside it (`inside`). What each field does with them is its own matter: refuse them, mask them, or look and forget.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests
from django.conf import settings
from django.test import Client
from django.urls import reverse

from backoffice.customers.models import Customer
from backoffice.payments.agents import tokens
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.merchants.models import Merchant
from backoffice.payments.voice.models import MoneyState, VoicePayment
from backoffice.staff.models import Role, User
from tests import factories
from tests.faults.driving import in_the_day
from tests.payments.agents.companies import confirmed
from tests.payments.making import make_agent, make_card_on_file, make_shop, make_voice_payment
from tests.threats.searching import Canaries

_PAYS_AT = re.compile(r'href="(http[^"]*/pay/cs_[^"]*)"')


class Browser(requests.Session):
    """Of somebody who has signed in with a second factor, or of nobody."""

    def __init__(self, user: User | None = None) -> None:
        super().__init__()
        if user is not None:
            opened = factories.sign_in(Client(), user).cookies[settings.SESSION_COOKIE_NAME]
            self.cookies.set(settings.SESSION_COOKIE_NAME, opened.value, path="/")

    def fills_in(self, path: str, *, on: str = "", **fields: str) -> int:
        """Sends a form that stands on the page `on`, or at its own address; gives the status of what answers it."""
        url = settings.PUBLIC_URL + path
        self.get(settings.PUBLIC_URL + (on or path), timeout=30)
        token = self.cookies.get(settings.CSRF_COOKIE_NAME)
        headers = {"Referer": url}
        return self.post(url, data={**fields, "csrfmiddlewaretoken": token}, headers=headers, timeout=30).status_code

    def looks_at(self, path: str, **query: str) -> int:
        return self.get(settings.PUBLIC_URL + path, params=query, timeout=30).status_code


@dataclass(frozen=True)
class People:
    """Those who type: a merchant's agent with an order, its machine, its customer, and two of our staff."""

    merchant: Merchant
    agent: Browser
    machine: Mapping[str, str]
    payment: VoicePayment
    customer: Browser
    support: Browser
    supervisor: Browser

    @property
    def phone(self) -> str:
        return str(self.payment.point.value)


def typed_everywhere(*, canaries: Canaries) -> dict[str, int]:
    """Types another number in each place; gives the status of each answer."""
    people = _people()
    told = {}
    for place, (name, types) in enumerate(_PLACES.items()):
        number = canaries.number(place)
        told[name] = types(people, f"the card {number[:4]} {number[4:8]} {number[8:12]} {number[12:]} or {number}")
    return told


def pays_bill(*, number: str, expiry: str, code: str) -> dict[str, Any]:
    """Somebody pays a bill on the provider's page, at first with a wrong date. Gives the statuses and how it ended."""
    invoice, payer = factories.make_invoice(), Browser()
    payer.fills_in(reverse("pay"), reference=invoice.number, amount="70.80", currency="EUR")
    shown = payer.get(settings.PUBLIC_URL + reverse("pay_yours"), timeout=30).text
    found = _PAYS_AT.search(shown)
    assert found is not None, shown
    typed = {"number": number, "cvc": code}
    answers = [
        requests.post(found[1], data={**typed, "expiry": date}, timeout=30, allow_redirects=False).status_code
        for date in ("12/20", f"{expiry[:2]}/{expiry[2:]}")
    ]
    after = payer.get(settings.PUBLIC_URL + reverse("pay_yours"), timeout=30).text
    return {"statuses": answers, "is_paid": "Paid" in after}


def _people() -> People:
    customer = factories.make_customer(days=4000, time_zone=in_the_day())
    make_card_on_file(customer)
    merchant = make_shop()
    agent = make_agent(merchant, user=factories.make_user(username=uuid.uuid4().hex), joined_at=datetime.now(UTC))
    made = tokens.make_token(merchant=merchant, name="web shop", by=confirmed(merchant), now=datetime.now(UTC))
    assert agent.user is not None
    return People(
        merchant=merchant,
        agent=Browser(agent.user),
        machine={"Authorization": f"Token {made.clear}"},
        payment=_paid(agent, customer),
        customer=Browser(customer.user),
        support=Browser(factories.make_staff(role=Role.SUPPORT)),
        supervisor=Browser(factories.make_staff(role=Role.SUPERVISOR)),
    )


def _paid(agent: MerchantAgent, customer: Customer) -> VoicePayment:
    return make_voice_payment(agent=agent, customer=customer, money=MoneyState.CAPTURED)


def _order(people: People, **fields: str) -> dict[str, str]:
    usual = {"amount": "25", "what_for": "tulips", "phone": people.phone, "last_four": "4242", "mode": "call_out"}
    return {**usual, "key": str(uuid.uuid4()), **fields}


def _at_console(people: People, **fields: str) -> int:
    return people.agent.fills_in(reverse("portal:voice_payment:new"), **_order(people, **fields))


def _at_order(people: People, page: str, **fields: str) -> int:
    path = reverse(f"portal:voice_payment:{page}", args=[people.payment.case.reference])
    return people.agent.fills_in(path, **fields)


def _at_api(people: People, path: str, **fields: str) -> int:
    url = f"{settings.PUBLIC_URL}/api/v1/voice_payment/orders{path}"
    return requests.post(url, json=fields, headers=dict(people.machine), timeout=30).status_code


def _claims(people: People, text: str) -> int:
    told = {"payment": people.payment.case.reference, "why": "not_delivered", "text": text, "key": str(uuid.uuid4())}
    return people.customer.fills_in(reverse("portal:open", args=["payment_claim"]), **told)


def _at_desk(people: People, name: str, *arguments: str, **fields: str) -> int:
    """Of a supervisor, who has said why they open both records."""
    for customer in (people.payment.case.customer, people.merchant.company):
        opened = _opens(people.supervisor, customer, "They called about an order")
        assert opened == 200, opened
    return people.supervisor.fills_in(reverse(f"admin:{name}", args=arguments), **fields)


def _opens(browser: Browser, customer: Customer, words: str) -> int:
    there = str(customer.public_id)
    path = reverse("admin:desk_why", args=[there])
    return browser.fills_in(path, on=reverse("admin:desk_customer", args=[there]), why="other", words=words)


def _why(people: People, text: str) -> int:
    return _opens(people.support, people.payment.case.customer, text[:110])


_PLACES: Mapping[str, Callable[[People, str], int]] = {
    "console, what it is for": lambda p, text: _at_console(p, what_for=text[:60]),
    "console, reference": lambda p, text: _at_console(p, merchant_reference=text[:40]),
    "console, telephone": lambda p, text: _at_console(p, phone=text[-16:]),
    "console, last four": lambda p, text: _at_console(p, last_four=text[-16:]),
    "console, change": lambda p, text: _at_order(p, "change", amount="20", what_for=text[:40]),
    "console, delivery": lambda p, text: _at_order(p, "delivery", delivered=text),
    "API, key": lambda p, text: _at_api(p, "", **_order(p, key=text[-16:])),
    "API, what it is for": lambda p, text: _at_api(p, "", **_order(p, what_for=text[:40])),
    "API, reference": lambda p, text: _at_api(p, "", **_order(p, merchant_reference=text[-16:])),
    "API, another field": lambda p, text: _at_api(p, "", **_order(p, customer_name=text, amount="0")),
    "API, delivery": lambda p, text: _at_api(p, f"/{p.payment.case.reference}/delivery", delivered=text),
    "API, address": lambda p, text: _at_api(p, f"/{text[-16:]}/cancel"),
    "portal, claim": _claims,
    "desk, suspension": lambda p, text: _at_desk(
        p, "merchant_admission:suspend", p.merchant.case.reference, reason="complaints", remark=text
    ),
    "desk, freeze": lambda p, text: _at_desk(p, "desk_action", p.payment.case.reference, "freeze", reason=text),
    "desk, why a record is opened": _why,
    "desk, is this ours": lambda p, text: _at_desk(p, "desk_ours", pasted=text),
    "desk, search": lambda p, text: p.support.looks_at(reverse("admin:index"), q=text),
    "bills, number": lambda p, text: Browser().fills_in(
        reverse("pay"), reference=text[:60], amount="70.80", currency="EUR"
    ),
    "check page": lambda p, text: Browser().fills_in(reverse("check"), code=text[-16:]),
    "sign-in": lambda p, text: Browser().fills_in("/account/login/", login=text[-16:], password=text),
}
"""What is typed by whom; each gives the status of the answer."""
