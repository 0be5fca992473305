"""The desk's pages of the mails that people send us: the list, and one mail with its evidence, its text and what can be
done. Only who takes a mail reads it."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from backoffice.cases import opening
from backoffice.customers import searching
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.mail_orders import handling, ordering, rights, showing
from backoffice.mail_orders.models import Mail, MailState
from backoffice.mail_orders.words import hint_of
from backoffice.refusals import Conflict, Invalid, Refused
from backoffice.text_fields import KeptTexts
from backoffice.ui import openings
from backoffice.ui.forms import plainly_worded, with_faults
from backoffice.ui.staff import StaffMember, page, signed_in
from workflows.mail_order.spec import MAIL_ORDER

MOST_SHOWN = 100
MOST_FOUND = 10
MAIL = "admin:mail_order:mail"


class SearchForm(KeptTexts, forms.Form):
    """For a mail whose sender no customer's address fits."""

    words = forms.CharField(
        label=_("Whose mail may it be?"),
        max_length=80,
        help_text=_("A name, an address, a number: as in the search of the desk."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Type what the mail says of its writer.")},
    )


class AskForm(KeptTexts, forms.Form):
    """Whom to ask, and about what."""

    customer = forms.ChoiceField(
        label=_("Ask this customer"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the customer."), "invalid_choice": _("Choose the customer.")},
    )
    asks = forms.ChoiceField(
        label=_("What does the mail ask for?"),
        choices=ordering.asked_for,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the mail asks for.")},
    )

    def __init__(self, *args: Any, customers: list[Customer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["customer"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(str(customer.public_id), _described(customer)) for customer in customers]
        if len(customers) == 1:
            choice.initial = str(customers[0].public_id)


class AsideForm(forms.Form):
    why = forms.ChoiceField(
        label=_("Why is nothing done?"),
        choices=[(one.value, one.label) for one in handling.BY_HAND],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why it is set aside.")},
    )


def mails(request: HttpRequest) -> HttpResponse:
    """The mails that wait, the oldest first, and those that were handled last. It shows nothing of what is in them."""
    me = signed_in(request)
    rights.LIST.check(me.actor)
    waiting = Mail.objects.filter(state__in=(MailState.RECEIVED, MailState.WAITING)).select_related("held_by")
    handled = Mail.objects.exclude(state__in=(MailState.RECEIVED, MailState.WAITING)).select_related("case")
    context = {
        "waiting": [(mail, hint_of(mail)) for mail in waiting.order_by("received_at")[:MOST_SHOWN]],
        "handled": [(mail, hint_of(mail)) for mail in handled[:20]],
    }
    return page(request, "mail_order/mails.html", _t("Mails to us"), context)


def mail(request: HttpRequest, reference: str) -> HttpResponse:
    """One mail. GET shows the evidence, and its text to who holds it; a POST does what `do` says."""
    me = signed_in(request)
    rights.LIST.check(me.actor)
    found = handling.mail_of(reference)
    if request.method != "POST":
        return _page(request, found, me)
    acts = {"take": _take, "give_back": _give_back, "aside": _aside, "answer": _answer, "search": _search, "ask": _ask}
    try:
        return acts.get(request.POST.get("do", ""), _page)(request, found, me)
    except Conflict as refused:
        messages.error(request, refused.sentence)
        return redirect(MAIL, found.reference)


def _take(request: HttpRequest, found: Mail, me: StaffMember) -> HttpResponse:
    handling.take(mail=found, by=me.actor, user=me.user, now=timezone.now())
    return redirect(MAIL, found.reference)


@require_POST
def take(request: HttpRequest, reference: str) -> HttpResponse:
    """Takes the mail from the worklist. Where somebody was faster, the page of the mail says so."""
    me = signed_in(request)
    rights.LIST.check(me.actor)
    found = handling.mail_of(reference)
    try:
        return _take(request, found, me)
    except Conflict as refused:
        messages.error(request, refused.sentence)
        return redirect(MAIL, found.reference)


def _give_back(request: HttpRequest, found: Mail, me: StaffMember) -> HttpResponse:
    handling.give_back(mail=found, by=me.actor, user=me.user, now=timezone.now())
    return redirect("admin:mail_order:mails")


def _aside(request: HttpRequest, found: Mail, me: StaffMember) -> HttpResponse:
    form = AsideForm(request.POST)
    if not form.is_valid():
        return _page(request, found, me, aside=form, status=Invalid.status)
    handling.set_aside(mail=found, why=form.cleaned_data["why"], by=me.actor, user=me.user, now=timezone.now())
    messages.success(request, _t("The mail is set aside. Nobody was written to."))
    return redirect("admin:mail_order:mails")


def _answer(request: HttpRequest, found: Mail, me: StaffMember) -> HttpResponse:
    handling.answer_neutrally(mail=found, by=me.actor, user=me.user, now=timezone.now())
    messages.success(request, _t("The sender is told that we do nothing by mail, and the mail is set aside."))
    return redirect("admin:mail_order:mails")


def _search(request: HttpRequest, found: Mail, me: StaffMember) -> HttpResponse:
    form = SearchForm(request.POST)
    status = 200 if form.is_valid() else Invalid.status
    return _page(request, found, me, search=form, customers=_customers(found, form), status=status)


def _ask(request: HttpRequest, found: Mail, me: StaffMember) -> HttpResponse:
    """Opens the case that asks the customer. What was searched for is sent again, so that the choice stays."""
    search = SearchForm(request.POST if request.POST.get("words") else None)
    customers = _customers(found, search)
    form = AskForm(request.POST, customers=customers)
    key = _key_of(request)
    if form.is_valid():
        chosen = next(one for one in customers if str(one.public_id) == form.cleaned_data["customer"])
        data = {"mail": found.reference, "asks": form.cleaned_data["asks"]}
        try:
            if refusal := ordering.why_not(chosen):
                raise Conflict("cannot_ask", refusal, field="customer")
            case, _new = opening.open_by_form(
                process=MAIL_ORDER.name, customer=chosen, by=me.actor, key=f"desk:{key}", data=data
            )
        except Refused as refused:
            form = with_faults(form, refused)
        else:
            messages.success(request, _t("The customer is asked, at the address on file."))
            return redirect("admin:desk_case", case.reference)
    return _page(request, found, me, search=search, customers=customers, ask=form, key=key, status=Invalid.status)


def _key_of(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid.uuid4()


def _customers(found: Mail, search: SearchForm) -> list[Customer]:
    """Whose mail it may be: the customer whose address fits, and who was searched for."""
    theirs = [found.customer] if found.customer else []
    if search.is_bound and search.is_valid():
        sought = searching.find(text=search.cleaned_data["words"])[:MOST_FOUND]
        theirs += [one for one in sought if one not in theirs]
    return theirs


def _described(customer: Customer) -> str:
    """The name, and the masked address that tells two of the same name apart."""
    point = ContactPoint.objects.filter(customer=customer, kind=ContactKind.MAIL, superseded_at=None)
    masked = point.values_list("masked", flat=True).first()
    return f"{customer.name}, {masked or _t('no e-mail address')}"


def _page(
    request: HttpRequest,
    found: Mail,
    me: StaffMember,
    *,
    search: SearchForm | None = None,
    customers: list[Customer] | None = None,
    ask: AskForm | None = None,
    aside: AsideForm | None = None,
    key: uuid.UUID | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    held = handling.is_held(found, user=me.user, now=now)
    customers = _customers(found, search or SearchForm()) if customers is None else customers
    can_handle = held and found.state == MailState.WAITING and rights.HANDLE.allows(me.actor)
    context = {
        "mail": found,
        "held": held,
        "shown": showing.mail(found) if held else None,
        "evidence": showing.evidence(found, held=held),
        "history": showing.history(found),
        "why_not_take": "" if held else handling.why_not_take(found, by=me.actor, user=me.user, now=now),
        "can_handle": can_handle,
        "can_ask": can_handle and openings.may_open(MAIL_ORDER.name, by=me.actor),
        "search": plainly_worded(search or SearchForm()),
        "words": search.data.get("words", "") if search else "",
        "ask": plainly_worded(ask or AskForm(customers=customers)) if customers else None,
        "aside": plainly_worded(aside or AsideForm()),
        "why_not_answer": handling.why_not_answer(found),
        "key": key or uuid.uuid4(),
        "back": reverse("admin:mail_order:mails"),
    }
    return page(request, "mail_order/mail.html", _t("A mail to us"), context, status=status)


urlpatterns = [
    path("mails/", mails, name="mails"),
    path("mails/<str:reference>/", mail, name="mail"),
    path("mails/<str:reference>/take/", take, name="take"),
]
