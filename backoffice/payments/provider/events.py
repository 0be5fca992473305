"""What the payment provider reports by signed webhooks: https://docs.stripe.com/api/events/types. They come twice, late
and in any order, or not at all; in doubt, `PaymentProvider.look` tells how a payment is now."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from backoffice.payments.provider import amounts
from backoffice.payments.provider.failures import decline_of
from backoffice.payments.provider.ports import Decline, Refund
from backoffice.payments.provider.reading import KEY, refund_status
from backoffice.stripe_api.signed_events import plain_id, read_signed

log = logging.getLogger(__name__)


class EventKind(StrEnum):
    AUTHORISED = "payment_intent.amount_capturable_updated"
    CAPTURED = "payment_intent.succeeded"
    DECLINED = "payment_intent.payment_failed"
    CANCELED = "payment_intent.canceled"
    REFUNDED = "charge.refunded"
    REFUND_MADE = "refund.created"
    REFUND_CHANGED = "refund.updated"
    REFUND_FAILED = "refund.failed"
    REFUND_OF_CHARGE_CHANGED = "charge.refund.updated"
    DISPUTED = "charge.dispute.created"
    DISPUTE_CHANGED = "charge.dispute.updated"
    DISPUTE_CLOSED = "charge.dispute.closed"
    MONEY_WITHDRAWN = "charge.dispute.funds_withdrawn"
    FRAUD_WARNING = "radar.early_fraud_warning.created"
    MONEY_REINSTATED = "charge.dispute.funds_reinstated"
    PAID_OUT = "transfer.created"
    PAYOUT_RETURNED = "transfer.reversed"


REFUNDS = frozenset(
    {EventKind.REFUND_MADE, EventKind.REFUND_CHANGED, EventKind.REFUND_FAILED, EventKind.REFUND_OF_CHARGE_CHANGED}
)
"""Those that say how one refund is. `REFUNDED` says only how much of a payment went back altogether."""


class DisputeStatus(StrEnum):
    """Where a dispute is."""

    NEEDS_ANSWER = "needs_answer"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"


_DISPUTES: Mapping[str, DisputeStatus] = {
    "warning_needs_response": DisputeStatus.NEEDS_ANSWER,
    "needs_response": DisputeStatus.NEEDS_ANSWER,
    "warning_under_review": DisputeStatus.UNDER_REVIEW,
    "under_review": DisputeStatus.UNDER_REVIEW,
    "warning_closed": DisputeStatus.WON,
    "prevented": DisputeStatus.WON,
    "won": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
}


@dataclass(frozen=True, slots=True)
class Dispute:
    """`reason` is the card network's word; `answer_by` is aware UTC, and None where nothing can be answered."""

    id: str
    status: DisputeStatus
    reason: str
    amount: int
    answer_by: datetime | None


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """What happened to a payment, as it was when the event was made.

    `id` is the same each time it comes. `payment` is the provider's reference, `key` the one that the payment was
    ordered under, empty where the provider does not tell it (disputes, and refunds, which have a key of their own).
    `amount` is what this is about, in the smallest unit of the currency: held, captured, declined or released,
    altogether given back, one refund, disputed, paid out, or altogether taken back from the merchant; a warning tells
    none. Of a payout, `payment` and `key` are the payout's own. `created` is aware UTC, exact to the second.
    """

    id: str
    kind: EventKind
    payment: str
    key: str
    amount: int
    currency: str
    created: datetime
    decline: Decline | None = None
    dispute: Dispute | None = None
    refund: Refund | None = None


def read_event(*, body: bytes, signature: str | None, now: datetime | None = None) -> ProviderEvent | None:
    """The event in a webhook of the payment provider, None for one that is not about a payment; see `read_signed` for
    what it takes and raises."""
    forged = _("This event is not signed by the payment provider.")
    secret = settings.PAYMENTS_WEBHOOK_SECRET
    return read_signed(body, signature, secret=secret, now=now, forged=forged, read=_event)


def _event(content: dict[str, Any]) -> ProviderEvent | None:
    created, thing = datetime.fromtimestamp(content["created"], UTC), content["data"]["object"]
    name, event = plain_id(str(content["type"])), plain_id(str(content["id"]))
    if name not in list(EventKind):
        log.info("event of the payment provider ignored: %s", name)
        return None
    kind = EventKind(name)
    payment = thing["id"] if name.startswith(("payment_intent.", "transfer.")) else thing["payment_intent"]
    if not isinstance(payment, str):
        log.info("event of the payment provider without a payment: %s", name)
        return None
    error = thing.get("last_payment_error") or {}
    is_refund, tells_amount = kind in REFUNDS, kind is not EventKind.FRAUD_WARNING
    currency = str(thing["currency"]) if tells_amount else ""
    return ProviderEvent(
        id=event,
        kind=kind,
        payment=plain_id(payment),
        key="" if is_refund else _key(thing),
        amount=amounts.read(_amount(kind, thing), currency) if tells_amount else 0,
        currency=currency.upper()[:3],
        created=created,
        decline=decline_of(error.get("decline_code") or error.get("code")) if kind is EventKind.DECLINED else None,
        dispute=_dispute(thing) if name.startswith("charge.dispute.") else None,
        refund=_refund(thing) if is_refund else None,
    )


def _key(thing: dict[str, Any]) -> str:
    metadata = thing.get("metadata")
    return plain_id(str(metadata.get(KEY, ""))) if isinstance(metadata, dict) else ""


def _refund(thing: dict[str, Any]) -> Refund:
    """https://docs.stripe.com/api/refunds/object. The one of a refund that failed says so, whatever the event is."""
    currency = str(thing["currency"])
    return Refund(
        id=plain_id(str(thing["id"])),
        key=_key(thing),
        payment=plain_id(str(thing["payment_intent"])),
        amount=amounts.read(int(thing["amount"]), currency),
        currency=currency.upper()[:3],
        status=refund_status(str(thing.get("status"))),
    )


def _amount(kind: EventKind, thing: dict[str, Any]) -> int:
    names = {
        EventKind.AUTHORISED: "amount_capturable",
        EventKind.CAPTURED: "amount_received",
        EventKind.REFUNDED: "amount_refunded",
        EventKind.PAYOUT_RETURNED: "amount_reversed",
    }
    return int(thing[names.get(kind, "amount")])


def _dispute(thing: dict[str, Any]) -> Dispute:
    """A status that the API may add one day counts as one to answer, so that somebody looks."""
    details = thing.get("evidence_details") or {}
    due = details.get("due_by")
    return Dispute(
        id=plain_id(str(thing["id"])),
        status=_DISPUTES.get(str(thing["status"]), DisputeStatus.NEEDS_ANSWER),
        reason=plain_id(str(thing.get("reason", ""))),
        amount=amounts.read(int(thing["amount"]), str(thing["currency"])),
        answer_by=datetime.fromtimestamp(due, UTC) if due else None,
    )
