"""The receipt of a payment by telephone, to print or keep: for the customer who paid, and for nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_safe

from backoffice.payments.card_names import card_name
from backoffice.payments.claims import opening
from backoffice.payments.claims.dates import OLDEST
from backoffice.payments.voice.models import Fulfilment, MoneyState, Reading, VoicePayment
from backoffice.payments.voice.records import payment_of
from backoffice.refusals import Conflict
from backoffice.ui.customers import CustomerRequest, for_customers, own_case
from backoffice.ui.times import in_full
from workflows.voice_payment.spec import VOICE_PAYMENT

RECEIPT = "portal:voice_payment:receipt"


@require_safe
@for_customers
def receipt(request: CustomerRequest, reference: str) -> HttpResponse:
    """Only for what was paid: before that, the page says so."""
    payment = payment_of(own_case(request.customer, reference, process=VOICE_PAYMENT.name))
    if payment.captured_at is None:
        raise Conflict("not_paid", _t("There is no receipt, because nothing was paid for this order."))
    reading, dispute = _agreed(payment), opening.page_of(payment, now=timezone.now())
    context = {
        "payment": payment,
        "customer": request.customer,
        "lines": _lines(payment, payment.captured_at),
        "reading": reading,
        "agreed": in_full(reading.agreed_at) if reading is not None and reading.agreed_at else "",
        "dispute": dispute,
        "until": date_format(timezone.localtime(payment.captured_at + OLDEST), "j F Y"),
    }
    return render(request, "voice_payment/portal/receipt.html", context)


def _lines(payment: VoicePayment, paid_at: datetime) -> Sequence[tuple[str, str]]:
    """Times are in the customer's zone, with the year and the zone: a receipt is read long after."""
    company, name = str(payment.merchant.company.name), payment.merchant.trading_name
    lines = [
        (_t("Paid to"), name if company == name else f"{name} ({company})"),
        (_t("Amount"), payment.sum.shown()),
        (_t("What for"), payment.what_for),
        (_t("Paid"), in_full(paid_at)),
        (_t("Card"), card_name(payment.brand, payment.last_four)),
        (
            _t("How"),
            _t("By telephone, by the keys of %(number)s") % {"number": payment.point.masked.replace(" ", "\u00a0")},
        ),
        (_t("Our reference"), payment.case.reference),
    ]
    if payment.merchant_reference:
        lines.append((_t("The shop's reference"), payment.merchant_reference))
    if payment.fulfilment_at is not None:
        done = payment.fulfilment == Fulfilment.DONE
        says = _t("The shop says that it delivered") if done else _t("The shop cannot deliver")
        lines.append((_t("Delivery"), f"{says}, {in_full(payment.fulfilment_at)}"))
    if payment.money == MoneyState.REFUNDED and payment.refunded_at is not None:
        lines.append((_t("Paid back to your card"), in_full(payment.refunded_at)))
    return lines


def _agreed(payment: VoicePayment) -> Reading | None:
    """What the customer agreed to last: what was paid."""
    return Reading.objects.filter(payment=payment, agreed_at__isnull=False).order_by("-agreed_at").first()
