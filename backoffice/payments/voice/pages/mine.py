"""A customer's payments by telephone: the list, and what stands on the page of the case of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_safe

from backoffice.actors import Actor
from backoffice.cases.models import Case, CaseState
from backoffice.payments.card_names import card_name
from backoffice.payments.claims import opening
from backoffice.payments.claims.models import Why
from backoffice.payments.voice.kind import PAYMENTS
from backoffice.payments.voice.models import Fulfilment, MoneyState, Reading, VoicePayment
from backoffice.payments.voice.records import call_under_way, payment_of
from backoffice.ui.customers import CustomerRequest, for_customers
from backoffice.ui.paging import page_of
from backoffice.ui.states import State


@require_safe
@for_customers
def payments(request: CustomerRequest) -> HttpResponse:
    """The newest first; each leads to the page of its case."""
    found = VoicePayment.objects.filter(case__customer=request.customer).select_related("case", "merchant")
    page = page_of(found, order=("-ordered_at", "pk"), after=request.GET.get("after", ""))
    here = reverse(PAYMENTS)
    context = {
        "rows": [(one, *_short(one)) for one in page.rows],
        "newer": "" if page.first else here,
        "older": f"{here}?after={page.after}" if page.after else "",
        "customer": request.customer,
    }
    return render(request, "voice_payment/portal/payments.html", context)


def panel(case: Case, by: Actor) -> tuple[str, Mapping[str, object]]:
    """For the page of the case: what was ordered, what was read out, and what was paid."""
    payment = payment_of(case)
    context = {
        "case": case,
        "customer": case.customer,
        "payment": payment,
        "lines": _lines(payment),
        "readings": _readings(payment),
        "call": call_under_way(payment),
        "from_number": settings.COMPANY_PHONE,
        "is_paid": payment.money in (MoneyState.CAPTURED, MoneyState.REFUNDED),
        "is_refunded": payment.money == MoneyState.REFUNDED,
        "is_delivered": payment.fulfilment == Fulfilment.DONE,
        "disputes": _disputes(payment, now=timezone.now()),
    }
    return "voice_payment/portal/panel.html", context


def _disputes(payment: VoicePayment, *, now: datetime) -> Sequence[opening.Way]:
    """A link for each thing that can be wrong with what was paid: the next page sends it. One with the reason where it
    cannot be disputed."""
    if payment.captured_at is None:
        return []
    ways = [opening.page_of(payment, now=now, why=why) for why in Why]
    return ways[:1] if ways[0].why_not else ways


def _lines(payment: VoicePayment) -> Sequence[tuple[str, str]]:
    paid = payment.captured_at is not None
    return [
        (_t("Paid to") if paid else _t("To be paid to"), payment.merchant.trading_name),
        (_t("Amount"), payment.sum.shown()),
        (_t("What for"), payment.what_for),
        (_t("Card"), card_name(payment.brand, payment.last_four)),
        (_t("Your number that we rang") if paid else _t("Your number that we ring"), payment.point.masked),
    ]


def _readings(payment: VoicePayment) -> Sequence[Reading]:
    """The newest first; one that was changed afterwards stays to be seen."""
    return list(Reading.objects.filter(payment=payment).order_by("-read_at")[:10])


def _short(payment: VoicePayment) -> tuple[State, str]:
    """For a line of the list, which does not look again."""
    if payment.money == MoneyState.REFUNDED:
        return State.DONE, _t("paid back to you")
    if payment.money == MoneyState.CAPTURED:
        return State.DONE, _t("paid")
    if payment.case.state == CaseState.CLOSED:
        return State.STOPPED, _t("not paid")
    return State.OTHERS, _t("not paid yet")
