"""What the risk rules look at, and what they can ask for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backoffice.customers.models import ContactPoint, Customer
from backoffice.money import Money
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.cards_on_file.models import CardOnFile
from backoffice.payments.merchants.models import Merchant
from workflows.voice_payment.facts import Mode


class StepUp(StrEnum):
    """What comes first: the customer confirms the order in their portal, they send an identity document, or the mode
    must be the call-out to their number on file."""

    IDENTITY = "identity"
    DOCUMENT = "document"
    CALL_OUT_ONLY = "call_out_only"


@dataclass(frozen=True, slots=True)
class Order:
    """A payment that is about to be ordered. Without a `card` on file the whole card is keyed in, and `last_four` is
    all that is known of it. `point` is the number that is rung."""

    merchant: Merchant
    agent: MerchantAgent
    customer: Customer
    point: ContactPoint
    card: CardOnFile | None
    last_four: str
    amount: Money
    mode: Mode
