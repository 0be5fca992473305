"""Customers who call us to add money to their balance. The voice gateway is played: what it would tell is told."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from benchmarks.processes.script import Script, customer_actor

if TYPE_CHECKING:
    from backoffice.customers.models import Customer
    from backoffice.voice.contract import What

_CARD = {"number": "4242424242424242", "exp_month": "12", "exp_year": "2099", "cvc": "123"}


class TopUp(Script):
    name = "top_up"

    def make(self, count: int) -> list[Customer]:
        """With a card on file each."""
        return [self._with_card() for _ in range(count)]

    def open_case(self, subject: Customer) -> uuid.UUID:
        return self._open(subject, customer_actor(subject), currency="EUR")

    def letters(self, cases: Sequence[uuid.UUID]) -> list[Any]:
        """Those for whose call the process waits."""
        from backoffice.payments.top_up.models import TopUp as Row

        waiting = Row.objects.filter(case__in=cases, case__stage="call", agreed_in=None)
        return list(waiting.select_related("case__customer"))

    def report(self, letter: Any) -> None:
        """The customer calls, keys in all and agrees."""
        from backoffice.payments.top_up import calling, codes
        from backoffice.telephony import menu_calls
        from backoffice.telephony.api import GATEWAY
        from backoffice.voice.contract import INCOMING, Asked, Captured, Left, Outcome, Role, Why

        now, conversation = datetime.now(UTC), f"{INCOMING}{uuid.uuid4().hex}"
        number = letter.case.customer.contact_points.get(kind="phone", superseded_at=None).value
        menu_calls.note(conversation=conversation, caller=number, by=GATEWAY, now=now)
        shown, _until = codes.show(case_id=letter.case_id, by=customer_actor(letter.case.customer), now=now)
        calling.begin(conversation, now)
        for digits in (shown.replace(" ", ""), "25", "1", "1"):
            self._tell(conversation, lambda key, digits=digits: Asked(key=key, digits=digits))
        self._tell(conversation, lambda key: Captured(key=key, outcome=Outcome.DONE))
        self._tell(conversation, lambda _key: Left(role=Role.CUSTOMER, why=Why.HUNG_UP, answered=True))

    def not_done(self, cases: Sequence[uuid.UUID]) -> int:
        from backoffice.payments.top_up.models import MoneyState
        from backoffice.payments.top_up.models import TopUp as Row

        return len(cases) - Row.objects.filter(case__in=cases, money=MoneyState.CAPTURED).count()

    def _tell(self, conversation: str, what: Any) -> None:
        from backoffice.payments.top_up import calling
        from backoffice.payments.top_up.models import TopUpCall
        from backoffice.telephony.api import GATEWAY
        from backoffice.voice.contract import Event

        call, now = TopUpCall.objects.get(conversation=conversation), datetime.now(UTC)
        told: What = what(call.key)
        event = Event(instance="bench", conversation=conversation, number=call.last_event + 1, at=now, what=told)
        calling.take_event(event, GATEWAY, now)

    def _with_card(self) -> Customer:
        from backoffice.payments.cards_on_file import keeping

        customer = self._make_customer()
        keeping.keep(customer=customer, token=card_token(), by=customer_actor(customer), now=datetime.now(UTC))
        return customer


def card_token() -> str:
    """The provider's name for a card, as the voice gateway gets it."""
    from django.conf import settings

    told = urllib.parse.urlencode({"type": "card", **{f"card[{name}]": value for name, value in _CARD.items()}})
    request = urllib.request.Request(
        f"{settings.PAYMENTS_URL.rstrip('/')}/v1/payment_methods",
        data=told.encode(),
        headers={"Authorization": f"Bearer {settings.PAYMENTS_KEY}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["id"])
