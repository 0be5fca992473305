"""The customer's pages: the digits that they key in on the telephone, and their payment cards on file."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST, require_safe

from backoffice.payments.cards_on_file import history, keeping, records
from backoffice.payments.cards_on_file.models import CardOnFile
from backoffice.payments.top_up import codes, opening, words
from backoffice.payments.top_up.models import TopUp
from backoffice.payments.top_up.records import balances_of
from backoffice.refusals import NotFound
from backoffice.ui.customers import CustomerRequest, for_customers, own_case
from workflows.top_up.spec import TOP_UP

CARDS = "portal:top_up:cards"
MOST_SHOWN = 50


@require_POST
@for_customers
def code(request: CustomerRequest, reference: str) -> HttpResponse:
    """Makes the digits, and shows them this once."""
    case = own_case(request.customer, reference, process=TOP_UP.name)
    shown, until = codes.show(case_id=case.id, by=request.actor, now=timezone.now())
    shown_to = {"case": case, "code": shown, "until": until, "customer": request.customer}
    return render(request, "top_up/code.html", shown_to)


@require_safe
@for_customers
def mine(request: CustomerRequest) -> HttpResponse:
    """The customer's top-ups, the newest first, each with what became of it; and what is on the balance now."""
    found = TopUp.objects.filter(case__customer=request.customer).select_related("case", "card")[:MOST_SHOWN]
    lines = [(one, words.headline(one.case)) for one in found]
    balances = [one.shown() for one in balances_of(request.customer)]
    shown = {"lines": lines, "balances": balances, "why_not": opening.why_not(request.customer)}
    return render(request, "top_up/mine.html", {**shown, "customer": request.customer})


@require_safe
@for_customers
def cards(request: CustomerRequest) -> HttpResponse:
    """The cards that the customer keeps with us, and what became of these and of earlier ones."""
    good = set(records.usable(request.customer, now=timezone.now()).values_list("pk", flat=True))
    shown = [(one, records.expiry(one), one.pk in good) for one in records.kept(request.customer)]
    happened = history.of_customer(request.customer)
    context = {"cards": shown, "happened": happened, "customer": request.customer}
    return render(request, "top_up/cards.html", context)


@require_POST
@for_customers
def forget(request: CustomerRequest, key: uuid.UUID) -> HttpResponse:
    card = CardOnFile.objects.filter(public_id=key, customer=request.customer).select_related("customer").first()
    if card is None:
        raise NotFound("unknown_card", _t("There is no such card of yours."))
    keeping.forget(card=card, by=request.actor, now=timezone.now())
    messages.success(request, _t("We have forgotten this card. Nothing can be paid with it any more."))
    return redirect(CARDS)


urlpatterns = [
    path("top-ups/", mine, name="mine"),
    path("cases/<str:reference>/call-digits/", code, name="code"),
    path("payment-cards/", cards, name="cards"),
    path("payment-cards/<uuid:key>/forget/", forget, name="forget"),
]
