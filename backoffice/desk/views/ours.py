""" "Is this ours?": paste anything, and tell the customer in a second, word for word."""

from __future__ import annotations

import uuid

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.refusals import Invalid
from backoffice.trust import recognising, reporting
from backoffice.trust.models import ContactChannel
from backoffice.trust.recognising import Verdict
from backoffice.ui.staff import page, signed_in

TITLES: dict[Verdict, str | Promise] = {
    Verdict.OURS: _("Ours"),
    Verdict.NOT_OURS: _("Not ours"),
    Verdict.CANNOT_TELL: _("Cannot tell"),
}
TONES = {Verdict.OURS: "done", Verdict.NOT_OURS: "attention", Verdict.CANNOT_TELL: "us"}
LONGEST = 20_000


class PasteForm(forms.Form):
    """The box for the text. It is sent only by POST, so the text is in no URL and no log."""

    pasted = forms.CharField(
        label=_("Message, reference, address or telephone number"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5, "autofocus": True}),
        help_text=_("Paste the whole message with its header lines, or type what the customer reads to you."),
    )


class ReportForm(forms.Form):
    """Each button names a channel, and sends the report."""

    pasted = forms.CharField(max_length=LONGEST, widget=forms.HiddenInput, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)
    channel = forms.ChoiceField(
        label=_("How did it come?"),
        choices=ContactChannel.choices,
        widget=forms.RadioSelect,
        initial=ContactChannel.MAIL,
    )


def ask(request: HttpRequest) -> HttpResponse:
    """The box, with the answer to the pasted text."""
    form = PasteForm(request.POST or None, initial={"pasted": request.GET.get("reference", "")})
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            context |= _answer(request, form.cleaned_data["pasted"])
        except Invalid as invalid:
            for sentence in invalid.errors.get("pasted", ()):
                form.add_error("pasted", sentence)
    return page(request, "desk/ours.html", _t("Is this ours?"), context, status=400 if form.errors else 200)


def _answer(request: HttpRequest, pasted: str) -> dict[str, object]:
    found = recognising.recognise(pasted=pasted, by=signed_in(request).actor)
    report = ReportForm(initial={"pasted": pasted, "key": uuid.uuid4()}) if found.report else None
    return {"found": found, "verdict": TITLES[found.verdict], "tone": TONES[found.verdict], "report": report}


def report(request: HttpRequest) -> HttpResponse:
    """Notes a report that somebody contacted a customer in our name."""
    form = ReportForm(request.POST or None)
    if request.method != "POST":
        return redirect("admin:desk_ours")
    if not form.is_valid():
        return page(request, "desk/ours.html", _t("Is this ours?"), {"form": PasteForm(), "report": form}, status=400)
    me, given = signed_in(request), form.cleaned_data
    noted = reporting.report_suspicious(
        pasted=given["pasted"],
        channel=given["channel"],
        key=given["key"],
        by=me.actor,
        user=me.user,
        now=timezone.now(),
    )
    times = reporting.reports_of(contact=noted)
    said = _t("Noted under %(reference)s. Tell the customer this reference.") % {"reference": noted.reference}
    if times > 1:
        said += " " + _t("This sender was reported %(times)d times.") % {"times": times}
    messages.success(request, said)
    return redirect("admin:desk_ours")
