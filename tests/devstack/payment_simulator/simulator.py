"""The simulator of the payment provider, served by a thread of the tests."""

from __future__ import annotations

import uuid
from functools import cached_property
from pathlib import Path
from typing import Any

import stripe

from backoffice.payments.provider.ports import Order
from backoffice.payments.provider.stripe_payments import StripePayments
from devstack.payments.app import build
from devstack.stripe_api.serving import Options
from tests.devstack.serving import Served

KEY = "sk_test_of_payments_in_tests"
SECRET = "whsec_of_payments_in_tests"
GOOD = "4242424242424242"


class Payments(Served):
    """The simulator; its state is in `data`."""

    def __init__(self, data: Path, *, webhook_url: str = "") -> None:
        self.data = data
        super().__init__(lambda: build(Options(data, webhook_url, KEY, SECRET)))

    def adapter(self, *, read: float = 5, key: str = KEY) -> StripePayments:
        return StripePayments(key=key, url=self.url, connect=1, read=read)

    @cached_property
    def library(self) -> stripe.StripeClient:
        """The official library without anything of ours."""
        return stripe.StripeClient(KEY, base_addresses={"api": self.url}, max_network_retries=0)

    def card(self, number: str = GOOD, **told: Any) -> str:
        """The provider's reference of a card, as the voice gateway gets it."""
        card = {"number": number, "exp_month": 12, "exp_year": 2099, "cvc": "123", **told}
        params: Any = {"type": "card", "card": card}
        return self.library.v1.payment_methods.create(params).id

    def security_code(self, code: str = "123") -> str:
        return self.library.v1.tokens.create({"cvc_update": {"cvc": code}}).id

    def account(self) -> str:
        """Of a merchant at the provider."""
        return self.library.v1.accounts.create({"type": "express", "country": "NL"}).id

    def order(self, number: str = GOOD, *, amount: int = 1250, currency: str = "EUR", **told: Any) -> Order:
        return Order(amount=amount, currency=currency, card=self.card(number), **told)

    def payments_under(self, key: str) -> list[str]:
        """The state of each payment that was ordered under the key."""
        found = self.library.v1.payment_intents.list({"limit": 100}).auto_paging_iter()
        return [one.status for one in found if "key" in one.metadata and one.metadata["key"] == key]

    def advance(self, **time: float) -> None:
        unit = {"days": 86400, "hours": 3600}
        self.ask("POST", "/_sim/clock", {"advance": sum(unit[name] * many for name, many in time.items())})


def new_key() -> str:
    """A key of a case and a step."""
    return f"{uuid.uuid4()}:authorise"
