"""What gives a customer their money back after the merchant was paid out, and what the process then does of it, played
without an engine."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from backoffice.cases.models import Case, Event
from backoffice.money import Money
from backoffice.payments.claims import other_ways
from backoffice.payments.ledger.verifying import verify
from backoffice.payments.payout_returns.models import PayoutReturn
from backoffice.payments.payouts import reconciling
from backoffice.payments.voice.models import VoicePayment
from tests.factories import now
from tests.payments.claims.claiming import claim, does
from tests.payments.claims.test_settling import decide, pay_back
from tests.payments.payouts.paid import Shop, sent
from tests.payments.voice.ordered import ask
from tests.playing import advance
from workflows.base.contracts import DoEffect


def decided(payment: VoicePayment, verdict: str = "merchant", **told: str) -> Case:
    """A claim about it, decided and paid back."""
    case = claim(payment, **told)
    does(case, "credit")
    decide(case, verdict)
    assert pay_back(case).to == "card"
    return case


def gives_back(payment: VoicePayment, amount: int, *, step: str = "") -> None:
    """By another way than ours: the merchant, or the customer's bank."""
    money = Money(amount, payment.currency)
    other_ways.count(payment, step=step or f"refund {uuid.uuid4()}", amount=money, now=now())


def returned(payment: VoicePayment) -> PayoutReturn:
    """The newest."""
    return PayoutReturn.objects.filter(payout__payment=payment).order_by("-case__opened_at").first() or none()


def none() -> PayoutReturn:
    raise AssertionError("nothing is to be taken back")


def is_due(back: PayoutReturn, *, at: datetime | None = None) -> bool:
    back.case.read.clear()
    return bool(advance(back.case, effects=(DoEffect("look_at_return"),), at=at or now()).facts["due"])


def is_taken(back: PayoutReturn, *, number: int = 1) -> bool:
    back.case.read.clear()
    return bool(ask(back.case, "take_payout_back", number=number).facts["taken"])


def taken(shop: Shop, payment: VoicePayment) -> int:
    """What the provider has taken back altogether."""
    return sum(one.returned for one in sent(shop, payment))


def notes(case_id: uuid.UUID, of: str) -> list[str]:
    found = Event.objects.filter(case_id=case_id, kind__startswith=of).order_by("number")
    return [kind.removeprefix(of) for kind in found.values_list("kind", flat=True)]


def wrong(shop: Shop) -> list[str]:
    """In the ledger, and between its payouts and those of the provider, which knows those of other tests as well."""
    there = reconciling.differences(shop.bank.adapter(), since=now() - timedelta(days=9))
    return [*verify().wrong, *(one for one in there if "is none of our payments" not in one)]
