"""The portal's part of complaints: the evidence to download, and the page for who has not signed in."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from backoffice import no_card_numbers
from backoffice.complaints import evidence, serving, strangers
from backoffice.complaints.models import Edition, topics
from backoffice.complaints.opening import LONGEST
from backoffice.languages import offered
from backoffice.networks import network_of
from backoffice.refusals import Refused
from backoffice.text_fields import KeptTexts
from backoffice.ui.customers import CustomerRequest, for_customers, never_kept, own_case
from backoffice.ui.forms import plainly_worded, with_faults
from workflows.complaint.spec import COMPLAINT_PROCESS


@require_safe
@for_customers
def file(request: CustomerRequest, reference: str, moment: str, kind: str) -> HttpResponse:
    """The customer's edition of the evidence, as JSON or PDF."""
    case = own_case(request.customer, reference, process=COMPLAINT_PROCESS.name)
    bundle = evidence.download(case=case, moment=moment, edition=Edition.CUSTOMER, by=request.actor)
    return serving.response(bundle, kind, language=offered(request.customer.language))


class WriteInForm(KeptTexts, forms.Form):
    """Two fields must be filled in. How to reach them is asked for, because a complaint without it cannot be
    answered; nobody is refused for that."""

    topic = forms.ChoiceField(
        label=_("What is it about?"),
        choices=topics(),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is about. If nothing fits, choose “something else”.")},
    )
    text = forms.CharField(
        label=_("What happened?"),
        help_text=_("In your own words. You need not be polite. Write no card numbers and no passwords."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Tell us what happened, in a few words.")},
    )
    whom = forms.CharField(
        label=_("Whom is it about, if you know a name?"),
        help_text=_("If we find this person among us, they do not see what you wrote."),
        max_length=100,
        required=False,
    )
    name = forms.CharField(label=_("Your name"), max_length=200, required=False)
    reach = forms.CharField(
        label=_("How can we reach you?"),
        help_text=_("A mail address, a telephone number or a postal address. Without it we cannot answer you."),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    case = forms.CharField(
        label=_("The number of a case of yours with us, if you have one"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    last_three = forms.CharField(
        label=_("The last three digits of the telephone number that we have of you"),
        help_text=_("Only with the number of a case."),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    key = forms.CharField(max_length=36, widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        key = self.fields.pop("key")
        no_card_numbers.guard(self)
        self.fields["key"] = key  # of random digits, some of which look like a card number


@require_http_methods(["GET", "HEAD", "POST"])
def write_in(request: HttpRequest) -> HttpResponse:
    """Takes a complaint from anybody, and answers with its number: the same page whatever we recognised."""
    form = WriteInForm(request.POST if request.method == "POST" else None, initial={"key": uuid.uuid4()})
    row, status = None, 200
    if form.is_bound and form.is_valid():
        try:
            row = strangers.write_in(
                key=_key(form.cleaned_data["key"]),
                content=form.cleaned_data,
                network=network_of(request),
                by=strangers.anybody(),
                now=timezone.now(),
            )
        except Refused as refused:
            form, status = with_faults(form, refused), refused.status
    elif form.errors:
        status = 400
    context = {"form": plainly_worded(form), "row": row}
    return never_kept(render(request, "complaint/write_in.html", context, status=status))


def _key(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.uuid4()


urlpatterns = [
    path("complain/", write_in, name="write_in"),
    path("complaints/<str:reference>/evidence/<slug:moment>.<slug:kind>", file, name="file"),
]
