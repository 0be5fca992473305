"""The public check page: one field, one button, one of three answers. It names nobody and stores nothing."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from backoffice.networks import network_of
from backoffice.trust import checking, warnings
from backoffice.trust.extracting import LONGEST
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


class PasteForm(forms.Form):
    """A whole message, or a number or address: is it one that is going round? It is looked at and not stored."""

    pasted = forms.CharField(
        label=_("The message, or the number or address that it came from"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": _("Paste the message, or type the number or address."),
            "max_length": _("This is too long. Paste the first pages."),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Answers a code. The second field is shown when the typed text has the form of a case's reference. A pasted
    message is compared with what is going round."""
    pasting = "pasted" in request.POST
    form = CheckForm(request.POST if request.method == "POST" and not pasting else None)
    paste = PasteForm(_cut(request.POST) if pasting else None)
    found = None
    if form.is_valid():
        found = checking.check(
            typed=form.cleaned_data["code"], last_three=form.cleaned_data["last_three"], address=network_of(request)
        )
    if not checking.is_case_reference(request.POST.get("code", "")):
        del form.fields["last_three"]
    if paste.is_valid():
        found = checking.going_round(text=paste.cleaned_data["pasted"], address=network_of(request))
    context = {
        "form": form,
        "paste": paste,
        "found": found,
        "tone": TONES[found.answer] if found else "",
        "going_round": warnings.current(now=timezone.now()),
    }
    status = 400 if form.errors or paste.errors else 200
    return never_kept(render(request, "public/check.html", context, status=status))


def _cut(data: QueryDict) -> dict[str, str]:
    """Of far too much text no more than what shows that it is too much."""
    return {"pasted": data.get("pasted", "")[: LONGEST + 1]}
