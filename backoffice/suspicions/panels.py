"""What the page of the case shows in addition: what it is, what to do now in steps, and what was given away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor
from backoffice.cases.models import Case, CaseState
from backoffice.suspicions import pausing, steps
from backoffice.suspicions.models import Match, Proof, Report
from backoffice.suspicions.telling_more import Given, first_report, given_in
from backoffice.trust.verdicts import Seen, seen_of


class GivenForm(forms.Form):
    """What was told or given: any number of answers."""

    gave = forms.MultipleChoiceField(
        label=_("What did you tell or give them?"),
        help_text=_("Nobody blames you: they do this all day. What to do now depends on it."),
        choices=Given.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose what happened, or “Nothing of this”.")},
    )


def for_customer(case: Case, by: Actor) -> tuple[str, Mapping[str, Any]] | None:
    report = first_report(case)
    gave = given_in(case)
    is_ours = report.match == Match.OURS and report.ours is not None
    context = {
        "case": case,
        "report": report,
        "is_ours": is_ours,
        "seen": _seen(report) if is_ours else None,
        "is_fraud": report.match == Match.NOT_OURS,
        "by_others": report.proof == Proof.NONE,
        "paused": len(pausing.still_paused(case.customer)),
        "steps": [] if is_ours else steps.for_customer(gave, customer=case.customer, by=by),
        "gave": [Given(code).label for code in gave] if gave is not None else None,
        "form": None if is_ours or case.state == CaseState.CLOSED else GivenForm(initial={"gave": gave or []}),
        "address": reverse("portal:suspicious_contact:given", args=[case.reference]),
    }
    return "suspicious_contact/portal_panel.html", context


def for_staff(case: Case) -> tuple[str, Mapping[str, Any]] | None:
    reports = _reports(case)
    gave = given_in(case)
    context = {
        "report": reports[0],
        "count": len(reports),
        "group": next((one.group for one in reports if one.group), None),
        "gave": [Given(code).label for code in gave] if gave is not None else None,
    }
    return "suspicious_contact/desk_panel.html", context


def _reports(case: Case) -> Sequence[Report]:
    found = Report.objects.filter(case=case).select_related("contact", "group").order_by("at", "id")
    return list(found)


def _seen(report: Report) -> Seen | None:
    """As the customer's own page of contacts shows it."""
    assert report.ours is not None
    return seen_of(report.ours)
