"""The desk's pages of payments: an invoice is found by its whole number, then what was paid of it is recorded, or such
a record is taken back."""

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

from backoffice.domains.invoices import paying, records, rights
from backoffice.domains.invoices.models import Cancelled, Invoice
from backoffice.domains.invoices.pages import amount_of, day
from backoffice.domains.invoices.paying import Paid
from backoffice.refusals import Invalid, NotFound, Refused
from backoffice.text import kept
from backoffice.text_fields import KeptTexts
from backoffice.ui.forms import plainly_worded, with_faults
from backoffice.ui.staff import StaffMember, ask_why, may_read_customer, page, signed_in

INVOICE = "admin:duplicate_invoice:invoice"


class SearchForm(KeptTexts, forms.Form):
    number = forms.CharField(
        label=_("The number of the invoice"),
        max_length=40,
        help_text=_("The whole number, as it stands on it: FV/2026/11/0042."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Type the number of the invoice.")},
    )


class RecordForm(forms.Form):
    """Money that came, in the currency of the invoice."""

    amount = forms.DecimalField(
        label=_("How much came?"),
        max_digits=13,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"required": _("Type the amount."), "invalid": _("Type an amount, such as 70.80.")},
    )
    paid_on = forms.DateField(
        label=_("On which day did it reach us?"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": _("Choose the day."), "invalid": _("Choose a day, such as 2026-11-29.")},
    )

    def __init__(self, *args: Any, invoice: Invoice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].help_text = _t("In %(currency)s, as the invoice.") % {"currency": invoice.currency}


class CancelForm(forms.Form):
    """Which record counts for nothing, and why."""

    payment = forms.ChoiceField(
        label=_("Which payment?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the payment."), "invalid_choice": _("Choose one of the list.")},
    )
    why = forms.ChoiceField(
        label=_("Why does it not count?"),
        choices=[(one.value, one.label) for one in paying.WHYS],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why the payment does not count.")},
    )

    def __init__(self, *args: Any, invoice: Invoice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["payment"]
        assert isinstance(field, forms.ChoiceField)
        counting = [one for one in invoice.payments.all() if one.cancelled == Cancelled.NO]
        field.choices = [(str(one.public_id), f"{day(one.paid_on)}: {amount_of(one, invoice)}") for one in counting]


def invoices(request: HttpRequest) -> HttpResponse:
    """Finds an invoice by its whole number."""
    rights.RECORD_PAYMENT.check(signed_in(request).actor)
    form = SearchForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        number = kept(form.cleaned_data["number"])
        found = Invoice.objects.filter(number__in={number, number.upper()}).first()
        if found is not None:
            return redirect(INVOICE, found.public_id)
        form.add_error("number", _t("There is no invoice with this number."))
    status = Invalid.status if form.is_bound else 200
    return page(request, "duplicate_invoice/find.html", _t("Payments"), {"form": plainly_worded(form)}, status=status)


def invoice(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One invoice with its payments. It asks why, as the customer's page does; a POST does what `do` says."""
    me = signed_in(request)
    rights.RECORD_PAYMENT.check(me.actor)
    found = Invoice.objects.select_related("customer").filter(public_id=public_id).first()
    if found is None:
        raise NotFound("unknown_invoice", _t("There is no such invoice."))
    if not may_read_customer(found.customer, me=me, page="desk:payments", now=timezone.now()):
        return ask_why(request, found.customer)
    acts = {"record": _record, "cancel": _cancel}
    act = acts.get(request.POST.get("do", "")) if request.method == "POST" else None
    return act(request, found, me) if act else _page(request, found)


def _record(request: HttpRequest, found: Invoice, me: StaffMember) -> HttpResponse:
    form, key = RecordForm(request.POST, invoice=found), _key_of(request)
    if form.is_valid():
        told = Paid(key=f"desk:{key}", currency=found.currency, **form.cleaned_data)
        try:
            paying.record_payment(invoice=found, paid=told, by=me.actor, now=timezone.now())
        except Refused as refused:
            form = with_faults(form, refused)
        else:
            messages.success(request, _t("The payment is recorded."))
            return redirect(INVOICE, found.public_id)
    return _page(request, found, record=form, key=key, status=Invalid.status)


def _cancel(request: HttpRequest, found: Invoice, me: StaffMember) -> HttpResponse:
    form = CancelForm(request.POST, invoice=found)
    if not form.is_valid():
        return _page(request, found, cancel=form, status=Invalid.status)
    payment = found.payments.get(public_id=form.cleaned_data["payment"])
    paying.cancel_payment(payment=payment, why=form.cleaned_data["why"], by=me.actor, now=timezone.now())
    messages.success(request, _t("The payment does not count any more."))
    return redirect(INVOICE, found.public_id)


def _key_of(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid.uuid4()


def _page(
    request: HttpRequest,
    found: Invoice,
    *,
    record: RecordForm | None = None,
    cancel: CancelForm | None = None,
    key: uuid.UUID | None = None,
    status: int = 200,
) -> HttpResponse:
    counts = any(one.cancelled == Cancelled.NO for one in found.payments.all())
    context = {
        "detail": records.detail_for_staff(found.customer, str(found.public_id)),
        "record": plainly_worded(record or RecordForm(invoice=found)),
        "cancel": plainly_worded(cancel or CancelForm(invoice=found)) if counts else None,
        "key": key or uuid.uuid4(),
        "back": reverse("admin:duplicate_invoice:invoices"),
    }
    return page(request, "duplicate_invoice/paid.html", found.number, context, status=status)


urlpatterns = [
    path("invoices/", invoices, name="invoices"),
    path("invoices/<uuid:public_id>/", invoice, name="invoice"),
]
