""" "Is this ours?": paste anything, and tell the customer in a second, word for word.

Where the answer needs the content too, the agent asks the customer what the message says, and one of two buttons below
what we sent settles it.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases.models import Case
from backoffice.references import tidy_reference
from backoffice.refusals import Invalid
from backoffice.trust import recognising, reporting
from backoffice.trust.models import ContactChannel
from backoffice.trust.verdicts import Recognition, Verdict
from backoffice.ui.staff import page, signed_in

TITLES: dict[Verdict, str | Promise] = {
    Verdict.OURS: _("Ours"),
    Verdict.NOT_OURS: _("Not ours"),
    Verdict.CANNOT_TELL: _("Cannot tell"),
}
TONES = {Verdict.OURS: "done", Verdict.NOT_OURS: "attention", Verdict.CANNOT_TELL: "us"}
SAME_OR_NOT = [("yes", _("Everything is the same")), ("no", _("Something differs"))]
LONGEST = 20_000


class PasteForm(forms.Form):
    """The box for the text. It is sent only by POST, so the text is in no URL and no log."""

    pasted = forms.CharField(
        label=_("Message, reference, address or telephone number"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5, "autofocus": True}),
        help_text=_("Paste the whole message with its header lines, or type what the customer reads to you."),
    )


class CompareForm(forms.Form):
    """Two buttons below a contact: the customer has the same, or something else."""

    pasted = forms.CharField(max_length=LONGEST, widget=forms.HiddenInput)
    reference = forms.CharField(max_length=20, widget=forms.HiddenInput)
    fits = forms.ChoiceField(choices=SAME_OR_NOT)


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
    case = forms.CharField(
        label=_("A case of the customer who tells you, if they have proven who they are"),
        help_text=_("Then what they have open is paused at once. Without it the report is noted all the same."),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_case(self) -> Case | None:
        typed = self.cleaned_data["case"]
        if not typed:
            return None
        found = Case.objects.select_related("customer").filter(reference=tidy_reference(typed) or "-").first()
        if found is None:
            raise forms.ValidationError(_t("There is no case with this reference. Look once more, or leave it empty."))
        return found


def ask(request: HttpRequest) -> HttpResponse:
    """The box, with the answer to the pasted text; or the verdict after a comparison."""
    compared = CompareForm(request.POST) if "fits" in request.POST else None
    form = PasteForm(request.POST or None, initial={"pasted": request.GET.get("reference", "")})
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            found = _settled(request, compared) if compared else _recognised(request, form.cleaned_data["pasted"])
            context |= _answer(found, form.cleaned_data["pasted"])
        except Invalid as invalid:
            for sentence in invalid.errors.get("pasted", ()):
                form.add_error("pasted", sentence)
    return page(request, "desk/ours.html", _t("Is this ours?"), context, status=400 if form.errors else 200)


def _recognised(request: HttpRequest, pasted: str) -> Recognition:
    return recognising.recognise(pasted=pasted, by=signed_in(request).actor, cases_known=_cases_known)


def _settled(request: HttpRequest, form: CompareForm) -> Recognition:
    if not form.is_valid():
        raise Invalid({"pasted": [_t("Say whether it is the same: press one of the two buttons.")]})
    given = form.cleaned_data
    return recognising.settle(
        pasted=given["pasted"],
        reference=given["reference"],
        fits=given["fits"] == "yes",
        by=signed_in(request).actor,
    )


def _cases_known(references: Collection[str]) -> Collection[str]:
    return set(Case.objects.filter(reference__in=references).values_list("reference", flat=True))


def _answer(found: Recognition, pasted: str) -> dict[str, object]:
    report = ReportForm(initial={"pasted": pasted, "key": uuid.uuid4()}) if found.report else None
    return {
        "found": found,
        "verdict": TITLES[found.verdict],
        "tone": TONES[found.verdict],
        "report": report,
        "same_or_not": SAME_OR_NOT,
    }


def report(request: HttpRequest) -> HttpResponse:
    """Notes a report that somebody contacted a customer in our name."""
    form = ReportForm(request.POST or None)
    if request.method != "POST":
        return redirect("admin:desk_ours")
    if not form.is_valid():
        return page(request, "desk/ours.html", _t("Is this ours?"), {"form": PasteForm(), "report": form}, status=400)
    me, given = signed_in(request), form.cleaned_data
    customer = given["case"].customer if given["case"] else None
    noted = reporting.report_suspicious(
        pasted=given["pasted"],
        channel=given["channel"],
        key=given["key"],
        by=me.actor,
        user=me.user,
        now=timezone.now(),
        customer=customer,
    )
    noted.refresh_from_db()
    times = reporting.reports_of(contact=noted)
    said = _t("Noted under %(reference)s. Tell the customer this reference.") % {"reference": noted.reference}
    if times > 1:
        said += " " + _t("This sender was reported %(times)d times.") % {"times": times}
    messages.success(request, said)
    return redirect("admin:desk_case", noted.case_reference) if noted.case_reference else redirect("admin:desk_ours")
