"""The pages on which people report a strange contact: customers who are signed in, anybody else, and the receipt.

The first screen is for who is on the telephone with a stranger: one press, and what they have open is paused. All else
can be told afterwards.
"""

from __future__ import annotations

import uuid
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from backoffice.actors import system
from backoffice.customers.models import Customer
from backoffice.networks import network_of
from backoffice.refusals import Invalid, Refused
from backoffice.suspicions import files, panels, public, receiving, steps, telling_more
from backoffice.suspicions.forms import (
    about_field,
    ask_when,
    came_in,
    how_field,
    sender_field,
    text_field,
    when_field,
)
from backoffice.suspicions.matching import Reported
from backoffice.suspicions.models import Report, Source
from backoffice.text_fields import KeptTexts
from backoffice.trust import warnings
from backoffice.trust.extracting import LONGEST
from backoffice.trust.models import ContactChannel
from backoffice.ui.customers import CustomerRequest, for_customers, never_kept, own_case
from backoffice.ui.forms import plainly_worded, with_faults
from workflows.suspicious_contact.spec import SUSPICIOUS_CONTACT

SOMEBODY_ELSE = "somebody_else"
"""What the press says of whoever has compared the caller with one of us."""


def _cut(request: HttpRequest) -> QueryDict | None:
    """What was sent; of far too much text no more than what shows that it is too much."""
    if request.method != "POST":
        return None
    data = request.POST.copy()
    for name in data:
        data[name] = str(data[name])[: LONGEST + 1]
    return data


class DetailsForm(KeptTexts, forms.Form):
    """What there is of it: anything is enough, and a file too. `customer` is who is signed in."""

    text = text_field(_("What does it say, or what did they say?"), help_text=_("Paste it, or write a few words."))
    sender = sender_field()
    how = how_field()
    when = when_field()
    about = about_field()
    file = forms.FileField(
        label=_("A picture of it, or the mail as a file"),
        required=False,
        allow_empty_file=True,
        help_text=_(
            "A screenshot (JPEG, PNG) or a PDF of at most 10 MB, or a saved mail (.eml) of 5 MB. Nothing is opened."
        ),
        widget=forms.FileInput(attrs={"accept": ".png,.jpg,.jpeg,.pdf,.eml,message/rfc822"}),
    )

    def __init__(self, *args: Any, customer: Customer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer = customer
        ask_when(self, customers=[customer] if customer else [])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        self.came = came_in(given, customer=self.customer) if self.customer else None
        nothing = not any(given.get(name) for name in ("text", "sender", "file"))
        if nothing and not self.errors and given.get("how") != ContactChannel.CALL:
            self.add_error("text", _t("Paste it, write a few words, or add a picture of it."))
        return given


class PublicForm(DetailsForm):
    named = forms.CharField(
        label=_("Are you a customer? The e-mail address or telephone number that we have of you"),
        help_text=_("You can leave it empty. With it we can protect the account. Nobody sees here whether we know it."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("text", "sender", "how", "file", "named")


TONES = {
    public.Came.FRAUD: "attention",
    public.Came.HARMLESS: "done",
    public.Came.OURS: "done",
    public.Came.LOOKED_INTO: "us",
    public.Came.UNKNOWN: "us",
}


class ReceiptForm(forms.Form):
    reference = forms.CharField(
        label=_("The reference of your report"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Type the reference that you got when you reported it.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """For customers who are signed in; everybody else is led to the public page."""
    if not (request.user.is_authenticated and hasattr(request.user, "customer")):
        return never_kept(redirect("portal:suspicious_contact:public"))
    return _own_report(request)


@for_customers
def _own_report(request: CustomerRequest) -> HttpResponse:
    on_now = request.POST.get("now", "")
    form = DetailsForm(None if on_now else _cut(request), request.FILES or None, customer=request.customer)
    if request.method == "POST" and (on_now or form.is_valid()):
        try:
            reported, picture = (_on_now(on_now), None) if on_now else _reported(form)
            made = _receive(request, reported)
        except Refused as refused:
            form = with_faults(form, refused)
        else:
            if picture is not None:
                _keep_picture(request, made, picture)
            return redirect("portal:case", _case_of(made))
    context = {"form": plainly_worded(form), "key": uuid.uuid4(), "customer": request.customer}
    return render(request, "suspicious_contact/report.html", context, status=400 if form.errors else 200)


def _receive(request: CustomerRequest, reported: Reported) -> Report:
    incoming = receiving.Incoming(
        reported=reported,
        key=_key_sent(request),
        source=Source.PORTAL,
        customer=request.customer,
        origin=request.actor.id,
    )
    return receiving.receive(incoming=incoming, by=request.actor, now=timezone.now())


def _case_of(made: Report) -> str:
    assert made.case is not None
    return made.case.reference


def _keep_picture(request: CustomerRequest, made: Report, picture: UploadedFile[Any]) -> None:
    """The report stands, whatever becomes of its picture."""
    try:
        files.keep_picture(
            made, cast("Any", picture), by=request.actor, now=timezone.now(), name=str(picture.name or "")
        )
    except Refused as refused:
        messages.warning(request, _t("We have your report. The picture was not taken: %(why)s") % {"why": refused})


@require_http_methods(["GET", "HEAD", "POST"])
def public_report(request: HttpRequest) -> HttpResponse:
    """For anybody. The answer is the same whoever is named."""
    form = PublicForm(_cut(request), request.FILES or None)
    receipt, status = None, 200
    if form.is_valid():
        try:
            reported, picture = _reported(form)
            receipt = public.report(
                reported=reported,
                named=form.cleaned_data["named"],
                key=_key_sent(request),
                network=network_of(request),
                now=timezone.now(),
            )
            if picture is not None:
                _keep_public_picture(request, receipt.reference, picture)
        except Refused as refused:
            form, status = with_faults(form, refused), refused.status
    context = {
        "form": plainly_worded(form),
        "key": uuid.uuid4(),
        "receipt": receipt,
        "always": steps.ALWAYS,
        "by_what": steps.for_anybody(),
    }
    status = 400 if form.errors and status == 200 else status
    return never_kept(render(request, "suspicious_contact/public.html", context, status=status))


def _keep_public_picture(request: HttpRequest, reference: str, picture: UploadedFile[Any]) -> None:
    made = Report.objects.select_related("case").get(contact__reference=reference)
    if made.document_id is not None:
        return
    by, now = system(), timezone.now()
    try:
        files.keep_picture(made, cast("Any", picture), by=by, now=now, name=str(picture.name or ""))
    except Refused as refused:
        messages.warning(request, _t("We have your report. The picture was not taken: %(why)s") % {"why": refused})


def _on_now(pressed: str) -> Reported:
    """One press: somebody is on the telephone, and it may be that the customer has compared them with one of us."""
    return Reported(
        text="", sender="", channel=ContactChannel.CALL, is_on_now=True, is_another=pressed == SOMEBODY_ELSE
    )


def _reported(form: DetailsForm) -> tuple[Reported, UploadedFile[Any] | None]:
    """What is reported, with the text of a mail that came as a file; and a picture, which is looked at afterwards.
    Raises `FileNotTaken`."""
    given = form.cleaned_data
    text, picture = given["text"], given.get("file")
    if picture is not None and not files.is_picture(picture.file):
        text = f"{files.mail_text(picture.file).text}\n\n{text}".strip()
        picture = None
    return Reported(text=text, sender=given["sender"], channel=given["how"], came=form.came), picture


@require_POST
@for_customers
def given(request: CustomerRequest, reference: str) -> HttpResponse:
    """What was told or given to them; then the case says what to do now."""
    case = own_case(request.customer, reference, process=SUSPICIOUS_CONTACT.name)
    form = panels.GivenForm(request.POST)
    gave = form.data.getlist("gave") if hasattr(form.data, "getlist") else []
    try:
        telling_more.tell_what_was_given(case_id=case.id, gave=gave, by=request.actor, now=timezone.now())
    except Invalid as invalid:
        messages.error(request, str(invalid))
    else:
        messages.success(request, _t("Thank you. Here is what to do now."))
    return redirect("portal:case", case.reference)


@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest) -> HttpResponse:
    """What came of a report, for whoever has its reference."""
    form = ReceiptForm(request.POST if request.method == "POST" else None)
    came, status = None, 200
    if form.is_valid():
        try:
            came = public.came_of(typed=form.cleaned_data["reference"], network=network_of(request), now=timezone.now())
        except Refused as refused:
            form, status = with_faults(form, refused), refused.status
    context = {
        "form": plainly_worded(form),
        "came": came,
        "tone": TONES[came] if came else "",
        "going_round": warnings.current(now=timezone.now()),
    }
    status = 400 if form.errors and status == 200 else status
    return never_kept(render(request, "suspicious_contact/receipt.html", context, status=status))


def _key_sent(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        raise Invalid({"": [_t("This page was not complete. Nothing was sent. Load it again.")]}) from None


urlpatterns = [
    path("report/", report, name="report"),
    path("report/public/", public_report, name="public"),
    path("report/receipt/", receipt, name="receipt"),
    path("report/<str:reference>/given/", given, name="given"),
]
