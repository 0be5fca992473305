"""Freeze, unfreeze, withdraw, try again: one page each, which says what it means and, where needed, asks why."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases import keeping_from
from backoffice.cases.models import Case
from backoffice.cases.need_to_know import needs_to_know
from backoffice.desk.case_actions import ACTS, Act
from backoffice.desk.refusing import refusal
from backoffice.refusals import Forbidden, NotFound, Refused
from backoffice.staff import step_up
from backoffice.text_fields import KeptTexts
from backoffice.ui import headlines, lookup
from backoffice.ui.staff import StaffMember, back, page, signed_in


class WhyForm(KeptTexts, forms.Form):
    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It goes to the timeline."),
    )


def act(request: HttpRequest, reference: str, what: str) -> HttpResponse:
    """Asks why, and does it. The rule decides whether it is allowed."""
    case, me, known = lookup.case_of(reference), signed_in(request), _known(what)
    if keeping_from.is_kept_from(case, me.user):
        raise Forbidden("kept_from", keeping_from.sentence())
    refused = known.why_not(case, me.actor)
    if known.sensitive and not refused and not step_up.recently_confirmed(request):
        return HttpResponseRedirect(step_up.way_to_confirm(request))
    form = WhyForm(request.POST or None) if known.asks_why else None
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            known.do(case, me.actor, form.cleaned_data["reason"] if form else "")
        except Refused as found:
            if form is None:
                return refusal(request, found, case=case)
            return _page(
                request, lookup.case_of(reference), known, form, me=me, why_not=found.sentence, status=found.status
            )
        messages.success(request, f"{case.reference}: {known.done}")
        return back(request, "admin:index") if request.GET.get("next") else redirect("admin:desk_case", case.reference)
    return _page(request, case, known, form, me=me, why_not=refused, status=400 if form and form.errors else 200)


def _page(
    request: HttpRequest, case: Case, known: Act, form: WhyForm | None, *, me: StaffMember, why_not: str, status: int
) -> HttpResponse:
    """What was typed stays, also where the act is refused because the case changed meanwhile."""
    context: dict[str, object] = {
        "case": case,
        "act": known,
        "form": form,
        "why_not": why_not,
        "typed": form["reason"].value() if form and form.is_bound else "",
    }
    if needs_to_know(case, user=me.user):
        context |= {"headline": headlines.for_staff(case), "subject": case.subject}
    else:
        context["headline"] = headlines.title(case)
    return page(request, "desk/act.html", f"{known.label} {case.reference}", context, status=status)


def _known(what: str) -> Act:
    if what not in ACTS:
        raise NotFound("unknown_action", _t("There is no such page."))
    return ACTS[what]
