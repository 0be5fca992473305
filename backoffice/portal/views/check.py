"""The public check page: one field, one button, one of three answers. It names nobody and stores nothing."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from backoffice.networks import network_of
from backoffice.trust import checking
from backoffice.ui.customers import never_kept

TONES = {checking.Answer.OURS: "done", checking.Answer.NOT_OURS: "attention", checking.Answer.CANNOT_TELL: "us"}


class CheckForm(forms.Form):
    code = forms.CharField(
        label=_("The check code, or the reference of the case"),
        help_text=_("It is in every message from us: digits and letters in groups, as in K7Q-4MX-2."),
        max_length=checking.LONGEST_TYPED,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Type the code of the message, or the reference that the caller gives you.")},
    )
    last_three = forms.CharField(
        label=_("The last three digits of the telephone number that we have of you"),
        help_text=_("Only needed with the short reference of a case. Nobody can ask us about your case without them."),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Answers a code. The second field is shown when the typed text has the form of a case's reference."""
    form = CheckForm(request.POST if request.method == "POST" else None)
    found = None
    if form.is_valid():
        found = checking.check(
            typed=form.cleaned_data["code"], last_three=form.cleaned_data["last_three"], address=network_of(request)
        )
    if not checking.is_case_reference(request.POST.get("code", "")):
        del form.fields["last_three"]
    context = {"form": form, "found": found, "tone": TONES[found.answer] if found else ""}
    return never_kept(render(request, "public/check.html", context, status=400 if form.errors else 200))
