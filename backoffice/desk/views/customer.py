"""A customer on one page, the question why it is opened, and opening a case from there."""

from __future__ import annotations

import uuid

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from backoffice.cards.models import Card, CardState, Reason
from backoffice.cards.reissue import opening
from backoffice.cases.models import Case
from backoffice.customers import reading
from backoffice.customers.models import Customer
from backoffice.desk import access, case_page
from backoffice.desk.clerk import Clerk, clerk
from backoffice.desk.pages import back, page
from backoffice.desk.refusing import refusal
from backoffice.refusals import Conflict, NotFound

CASES_SHOWN = 20


class ReissueForm(forms.Form):
    """Which card and why. `key` is made when the page is shown: sending it twice opens one case."""

    card = forms.ChoiceField(label=_("Card"), widget=forms.RadioSelect)
    reason = forms.ChoiceField(label=_("What happened"), choices=Reason.choices, widget=forms.RadioSelect)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: object, customer: Customer, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.cards = {str(card.public_id): card for card in customer.cards.exclude(state=CardState.CLOSED)}
        field = self.fields["card"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, f"{card} · {card.get_state_display()}") for key, card in self.cards.items()]


def show(request: HttpRequest, public_id: str) -> HttpResponse:
    """Everything about one customer; without a case in hand, the question why."""
    customer, me, now = customer_of(public_id), clerk(request), timezone.now()
    if not access.may_read_customer(customer, me=me, page="desk:customer", now=now):
        return access.ask_why(request, customer)
    cards = list(customer.cards.order_by("-created_at"))
    context = {
        "customer": customer,
        "points": case_page.point_lines(customer, now=now),
        "cards": [(card, opening.reissuable(card)) for card in cards],
        "may_reissue": any(not opening.reissuable(card) for card in cards),
        "domains": customer.domains.all()[:CASES_SHOWN],
        "cases": [
            (case, case_page.title(case))
            for case in Case.objects.filter(customer=customer).order_by("-opened_at")[:CASES_SHOWN]
        ],
        "contacts": case_page.contact_lines(Q(customer=customer)),
        "openings": case_page.openings(customer),
    }
    return page(request, "desk/customer.html", customer.name, context)


@require_POST
def why(request: HttpRequest, public_id: str) -> HttpResponse:
    """Notes the reason and opens the record for half an hour."""
    customer, me = customer_of(public_id), clerk(request)
    form = access.ReasonForm(request.POST)
    if not form.is_valid():
        return access.ask_why(request, customer, form=form, next_page=request.GET.get("next", ""))
    reading.open_record(
        customer=customer, by=me.actor, user=me.user, now=timezone.now(), reason=form.reason(), page="desk:why"
    )
    return back(request, reverse("admin:desk_customer", args=[customer.public_id]))


def reissue(request: HttpRequest, public_id: str) -> HttpResponse:
    """Opens a card reissue: which card, and what happened to it."""
    customer, me, now = customer_of(public_id), clerk(request), timezone.now()
    if not access.may_read_customer(customer, me=me, page="desk:reissue", now=now):
        return access.ask_why(request, customer)
    form = ReissueForm(request.POST or None, customer=customer, initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        return _open(request, form, me)
    context = {"customer": customer, "form": form}
    return page(request, "desk/reissue.html", _t("Replace a card"), context, status=400 if form.errors else 200)


def _initial(request: HttpRequest) -> dict[str, object]:
    return {"key": uuid.uuid4(), "card": request.GET.get("card", "")}


def _open(request: HttpRequest, form: ReissueForm, me: Clerk) -> HttpResponse:
    card: Card = form.cards[form.cleaned_data["card"]]
    try:
        case, new = opening.open_reissue(
            card=card, reason=form.cleaned_data["reason"], by=me.actor, key=f"desk:{form.cleaned_data['key']}"
        )
    except Conflict as refused:
        return refusal(request, refused)
    said = _t("Case %(reference)s is open.") if new else _t("This had opened case %(reference)s already.")
    messages.success(request, said % {"reference": case.reference})
    return redirect("admin:desk_case", case.reference)


def customer_of(typed: str) -> Customer:
    """Raises `NotFound` also for an id that is none."""
    try:
        wanted = uuid.UUID(typed)
    except ValueError:
        wanted = uuid.UUID(int=0)
    customer = Customer.objects.filter(public_id=wanted).first()
    if customer is None:
        raise NotFound("unknown_customer", _t("There is no such customer."))
    return customer
