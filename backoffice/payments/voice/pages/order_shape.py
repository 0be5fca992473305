"""An order as a machine of its merchant reads it at the API: codes, each with its words, and the sentences of the
console. Why the bank said no is not in it, nor anything of the customer but four digits of their card."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _t
from rest_framework import serializers

from backoffice.payments.payouts import shown as payouts
from backoffice.payments.payouts.models import HeldBecause, PayoutState
from backoffice.payments.voice.models import Fulfilment, VoicePayment
from backoffice.payments.voice.pages.order_states import state_of
from workflows.voice_payment.spec import PaymentStage

_STAGES = [(one.value, one.staff) for one in PaymentStage]
_DELIVERIES = [(one.value, one.label) for one in Fulfilment]
_PAYOUTS = [(one.value, one.label) for one in PayoutState]
_HELD = [(one.value, one.label) for one in HeldBecause]


class PayoutShape(serializers.Serializer[Any]):
    """What comes to the merchant of a payment that was taken. Amounts have the decimals of its currency."""

    state = serializers.ChoiceField(choices=_PAYOUTS)
    held_because = serializers.ChoiceField(choices=_HELD, allow_blank=True, help_text="Empty where nothing holds it.")
    amount = serializers.CharField(help_text="What you get; until it is final, at most that.")
    is_final = serializers.BooleanField()
    provider_fee = serializers.CharField()
    our_fee = serializers.CharField()
    kept_for_a_debt = serializers.CharField(help_text="Kept for what you owed us from before.")
    due_at = serializers.DateTimeField(allow_null=True)
    paid_at = serializers.DateTimeField(allow_null=True)
    reference = serializers.CharField(allow_blank=True, help_text="Of the transfer at the payment provider.")


class OrderShape(serializers.Serializer[Any]):
    """How an order stands. A refused request answers with `code`, a `sentence` for people, the `field` that it is
    about, and for a form `errors`: each field with its sentences."""

    reference = serializers.CharField(help_text="Ours: the one that the customer hears and sees.")
    merchant_reference = serializers.CharField(help_text="Your own, as you sent it.")
    amount = serializers.CharField(help_text='With the decimals of its currency: "25.00".')
    currency = serializers.CharField(help_text="ISO 4217.")
    what_for = serializers.CharField()
    version = serializers.IntegerField(help_text="Counts the changes of the order, from 1.")
    last_four = serializers.CharField(help_text="Of the card that the customer has named.")
    stage = serializers.ChoiceField(
        choices=_STAGES, allow_blank=True, help_text="How far it is, as a code. Empty until we have taken it up."
    )
    stage_words = serializers.CharField(help_text="The same in words, in the language of the request.")
    is_over = serializers.BooleanField(help_text="Nothing more comes of it.")
    is_paid = serializers.BooleanField(help_text="The amount was taken. It stays true when it is paid back.")
    paid_at = serializers.DateTimeField(allow_null=True)
    refunded_at = serializers.DateTimeField(allow_null=True)
    delivery = serializers.ChoiceField(
        choices=_DELIVERIES, allow_blank=True, help_text="What you have told us. Empty until then."
    )
    payout = PayoutShape(allow_null=True, help_text="Null until the payment is taken.")
    says = serializers.CharField(help_text="Where it stands, as the console says it.")
    then = serializers.CharField(help_text="What comes next, or why nothing was paid.")


def told(payment: VoicePayment) -> dict[str, Any]:
    """The content of `OrderShape`, read now. Times are UTC."""
    shown = state_of(payment)
    return {
        "reference": payment.case.reference,
        "merchant_reference": payment.merchant_reference,
        "amount": f"{payment.sum.decimal:f}",
        "currency": payment.currency,
        "what_for": payment.what_for,
        "version": payment.version,
        "last_four": payment.last_four,
        "stage": payment.case.stage,
        "stage_words": _words(payment.case.stage),
        "is_over": payment.case.state == "closed",
        "is_paid": payment.captured_at is not None,
        "paid_at": payment.captured_at,
        "refunded_at": payment.refunded_at,
        "delivery": payment.fulfilment,
        "payout": payouts.told(payment),
        "says": shown.title,
        "then": shown.then,
    }


def _words(stage: str) -> str:
    """An order that we have not taken up yet is ordered."""
    return _t(dict(_STAGES)[stage or PaymentStage.ORDERED.value])
