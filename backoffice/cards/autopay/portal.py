"""The customer's pages: their recurring payments, and the list of an update, ticked off line by line."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backoffice import no_card_numbers
from backoffice.actors import Actor
from backoffice.cards.autopay import lines, mandates, ticking, told
from backoffice.cards.autopay.models import AutopayUpdate, Line, LineState, MandateState, Whose
from backoffice.cards.autopay.records import (
    WHOSE_TO_CUSTOMER,
    amounts,
    in_words,
    mandates_of,
    of_key,
    state,
    whose_to_customer,
)
from backoffice.cards.models import Card, CardState
from backoffice.cases.models import Case, CaseState, ItemState, WorkItem
from backoffice.refusals import Invalid, NotFound, Refused
from backoffice.text_fields import KeptTexts
from backoffice.ui.customers import CustomerRequest, for_customers, own_case
from backoffice.ui.forms import with_faults
from workflows.autopay_update.spec import AUTOPAY_UPDATE, MOVE_REST

LIST, PAYMENTS = "portal:autopay_update:list", "portal:autopay_update:payments"
MOST = 300
"""Payments that a page shows."""


class AddForm(KeptTexts, forms.Form):
    """A payment that we have not found. Only who takes the money and the card must be known."""

    biller = forms.CharField(
        label=_("Who takes the money?"),
        max_length=mandates.LONGEST_NAME,
        help_text=_("The name as it is on the bill."),
        error_messages={"required": _("Write who takes the money.")},
    )
    card = forms.ChoiceField(
        label=_("From which card?"),
        widget=forms.RadioSelect,
        help_text=_("The one whose number they have, even if it is closed by now."),
        error_messages={"required": _("Choose the card."), "invalid_choice": _("Choose a card of the list.")},
    )
    whose = forms.ChoiceField(
        label=_("Whose bill is it?"),
        widget=forms.RadioSelect,
        choices=[(whose.value, said) for whose, said in WHOSE_TO_CUSTOMER.items()],
        initial=Whose.OWN,
    )
    reference = forms.CharField(
        label=_("Customer number on the bill"),
        required=False,
        max_length=mandates.LONGEST_REFERENCE,
        help_text=_("Leave it empty if you do not know it: we do not need it, and nobody of us asks you for it."),
    )

    def __init__(self, *args: object, cards: list[Card], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choice = self.fields["card"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(str(card.public_id), in_words(card)) for card in cards]
        if len(cards) == 1:
            choice.initial = str(cards[0].public_id)
        no_card_numbers.guard(self)


@require_safe
@for_customers
def payments(request: CustomerRequest) -> HttpResponse:
    """Every recurring payment that we know of, and what can be said of each."""
    shown = [
        {
            "mandate": one,
            "state": state(one),
            "amounts": amounts(one),
            "whose": whose_to_customer(one) if one.whose != Whose.OWN else "",
            "is_live": one.state == MandateState.LIVE,
        }
        for one in mandates_of(request.customer)[:MOST]
    ]
    may_add = bool(_cards(request))
    return render(request, "autopay_update/portal/payments.html", {"payments": shown, "may_add": may_add})


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def add(request: CustomerRequest) -> HttpResponse:
    cards = _cards(request)
    form = AddForm(request.POST if request.method == "POST" else None, cards=cards)
    if form.is_valid():
        try:
            _add(request, form, cards)
        except Refused as refused:
            with_faults(form, refused)
        else:
            messages.success(request, _t("It is one of your recurring payments now."))
            return redirect(PAYMENTS)
    return render(
        request, "autopay_update/portal/add.html", {"form": form, "cards": cards}, status=400 if form.errors else 200
    )


def _add(request: CustomerRequest, form: AddForm, cards: list[Card]) -> None:
    typed = form.cleaned_data
    mandates.add(
        customer=request.customer,
        card=next(card for card in cards if str(card.public_id) == typed["card"]),
        biller=typed["biller"],
        whose=Whose(typed["whose"]),
        reference=typed["reference"],
        by=request.actor,
        now=timezone.now(),
    )


@require_POST
@for_customers
def say(request: CustomerRequest, key: uuid.UUID) -> HttpResponse:
    """ "This one is over", "this is not mine", or "it goes on after all"."""
    mandate = of_key(request.customer, str(key))
    if mandate is None:
        raise NotFound("unknown_mandate", _t("There is no such payment of yours."))
    match request.POST.get("how"):
        case ticking.How.OVER.value:
            mandates.say_over(mandate=mandate, by=request.actor, now=timezone.now())
            messages.success(request, _t("It is noted that this payment is over."))
        case ticking.How.NOT_MINE.value:
            mandates.say_not_mine(mandate=mandate, by=request.actor, now=timezone.now())
            messages.success(request, _t("It is noted that this payment is not yours."))
        case "live":
            mandates.say_live(mandate=mandate, by=request.actor, now=timezone.now())
            messages.success(request, _t("It is noted that this payment goes on."))
        case _:
            raise Invalid({"how": [_t("Say whether it is over, not yours, or goes on.")]})
    return redirect(PAYMENTS)


@require_safe
@for_customers
def payment_list(request: CustomerRequest, reference: str) -> HttpResponse:
    """How far an update is: what moved, what waits for the customer and what to do, and who has not answered."""
    case = own_case(request.customer, reference, process=AUTOPAY_UPDATE.name)
    return render(request, "autopay_update/portal/list.html", _context(case))


@require_POST
@for_customers
def tick(request: CustomerRequest, reference: str, line: uuid.UUID) -> HttpResponse:
    case = own_case(request.customer, reference, process=AUTOPAY_UPDATE.name)
    how = request.POST.get("how", "")
    if how not in list(ticking.How):
        raise Invalid({"how": [_t("Say what became of this payment.")]})
    if not Line.objects.filter(public_id=line, update_id=case.id).exists():
        raise NotFound("unknown_line", _t("There is no such payment of yours."))
    ticked = ticking.tick(line_id=line, how=ticking.How(how), by=request.actor, now=timezone.now())
    if ticked.state == ticking.STATES[ticking.How(how)]:
        messages.success(request, _t("Ticked off."))
    else:
        messages.info(request, _t("This one was settled before. Nothing was changed."))
    return redirect(LIST, case.reference)


def panel(case: Case, by: Actor) -> tuple[str, Mapping[str, object]] | None:
    """For the page of the case: how many moved, how many wait, how many have not answered."""
    shown = _context(case)
    return ("autopay_update/portal/panel.html", shown) if shown["counts"].all or shown["wallets"] else None  # type: ignore[attr-defined]


def _context(case: Case) -> dict[str, object]:
    update = lines.update_of(case)
    found = list(Line.objects.filter(update=update).select_related("mandate__biller__endpoint").order_by("position"))
    told_of = told.of_lines(found, today=timezone.now().date())
    counted = lines.counts(update)
    asking = WorkItem.objects.filter(case=case, kind=MOVE_REST.name, state=ItemState.OPEN).first()
    return {
        "case": case,
        "counts": counted,
        "said": lines.in_words(counted),
        "to_do": [
            {"line": line, "do": ticking.what_to_do(line), "told": _waits(told_of[line.pk])}
            for line in sorted(found, key=lambda line: (told_of[line.pk].told not in told.NOT_REACHED, line.position))
            if line.state == LineState.TO_DO
        ],
        "ways": ticking.ways(),
        "late_ways": ticking.LATE_WAYS,
        "is_settled": update.settled_at is not None,
        "card": update.card,
        "card_works": update.card.state == CardState.ACTIVE,
        "asked": [line for line in found if line.state == LineState.ASKED],
        "moved": [line for line in found if line.state == LineState.MOVED],
        "left": [
            {"line": line, "may_tick": _may_tick_later(line, update)} for line in found if line.state == LineState.LEFT
        ],
        "others": [line for line in found if line.state in lines.CALLED_OFF],
        "wallets": list(update.wallets.all()),
        "item": asking,
        "is_open": case.state == CaseState.OPEN,
    }


def _waits(how: told.How) -> str:
    """Whether the company was asked to wait, in a word for the template."""
    if how.told in told.HAVE_ASKED:
        return "asked"
    if how.told in told.ASKING:
        return "asking"
    return "not_reached" if how.told in told.NOT_REACHED else ""


def _may_tick_later(line: Line, update: AutopayUpdate) -> bool:
    line.update = update
    return update.case.state == CaseState.CLOSED and lines.can_settle(line)


def _cards(request: CustomerRequest) -> list[Card]:
    """Cards that somebody may debit, the newest first: closed ones too, whose number a biller may still have."""
    found = Card.objects.filter(customer=request.customer).exclude(state=CardState.INACTIVE)
    return list(found.order_by("-created_at", "-pk")[:30])


urlpatterns = [
    path("payments/", payments, name="payments"),
    path("payments/add/", add, name="add"),
    path("payments/<uuid:key>/say/", say, name="say"),
    path("cases/<str:reference>/payments/", payment_list, name="list"),
    path("cases/<str:reference>/payments/<uuid:line>/", tick, name="tick"),
]
