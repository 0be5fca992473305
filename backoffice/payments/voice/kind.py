"""Payments by telephone as a kind of a customer's records: newest first, in the portal and at the desk."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from backoffice.customers.models import Customer
from backoffice.customers.records import Record, RecordKind
from backoffice.payments.voice.models import MoneyState, VoicePayment

MOST_SHOWN = 5
PAYMENTS = "portal:voice_payment:payments"
"""The page with all of them, in the portal."""


def of_customer(customer: Customer) -> Sequence[Record]:
    newest = VoicePayment.objects.filter(case__customer=customer).select_related("merchant").order_by("-ordered_at")
    return [
        Record(customer, f"{one.sum.shown()}, {one.merchant.trading_name}", _state(one)) for one in newest[:MOST_SHOWN]
    ]


def _state(payment: VoicePayment) -> str:
    day = date_format(timezone.localtime(payment.captured_at or payment.ordered_at), "j F Y")
    return f"{MoneyState(payment.money).label}, {day}"


def _page(customer: Customer) -> str:
    return PAYMENTS if VoicePayment.objects.filter(case__customer=customer).exists() else ""


KIND = RecordKind(
    name="voice_payments",
    title=_("Payments by telephone"),
    mine=_("My payments by telephone"),
    of_customer=of_customer,
    page=_page,
    page_words=_("All my payments by telephone"),
)
