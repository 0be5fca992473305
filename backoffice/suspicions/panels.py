"""What the page of the case shows in addition: what it is, what to do now in steps, and what was given away."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor
from backoffice.cases.models import Case, CaseState
from backoffice.suspicions import pausing, steps
from backoffice.suspicions.models import Match, Proof, Report
from backoffice.suspicions.telling_more import Given, first_report, given_in, match_of
from backoffice.suspicions.words import FRAUD
from backoffice.telephony.live.teams import team_of
from backoffice.telephony.models import Call
from backoffice.trust.verdicts import Seen, seen_of
from workflows.suspicious_contact.spec import SuspicionEnding, SuspicionStage


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
    report, match = first_report(case), match_of(case)
    gave = given_in(case)
    is_fraud = case.stage in FRAUD or (match is Match.NOT_OURS and case.stage != SuspicionStage.CLEARED)
    is_ours = match is Match.OURS and report.ours is not None and not is_fraud
    is_over = is_ours or _is_harmless(case)
    context = {
        "case": case,
        "report": report,
        "is_ours": is_ours,
        "seen": _seen(report) if is_ours else None,
        "caller": _caller(report) if is_ours else None,
        "key": uuid.uuid4(),
        "is_fraud": is_fraud,
        "is_harmless": _is_harmless(case),
        "is_well": case.state == CaseState.CLOSED and gave == [Given.NOTHING.value],
        "paused_by_this": Report.objects.filter(case=case, paused__gt=0).exists(),
        "by_others": report.proof == Proof.NONE,
        "paused": len(pausing.still_paused(case.customer)),
        "steps": [] if is_over else steps.for_customer(gave, customer=case.customer, by=by),
        "gave": [Given(code).label for code in gave] if gave is not None else None,
        "form": None if is_over or case.state == CaseState.CLOSED else GivenForm(initial={"gave": gave or []}),
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


def _is_harmless(case: Case) -> bool:
    """Whether it was decided that there is nothing to do, by us or by the customer's own word."""
    return case.stage == SuspicionStage.CLEARED or case.outcome_reason == SuspicionEnding.BY_STRANGERS.value


@dataclass(frozen=True)
class Caller:
    """Who of us called, as the customer compares them. `since` is UTC."""

    agent: str
    team: str
    case: str
    since: datetime


def _caller(report: Report) -> Caller | None:
    call = Call.objects.select_related("agent", "contact").filter(contact=report.ours).first()
    if call is None:
        return None
    agent = (call.agent.first_name if call.agent else "") or _t("one of us")
    since = call.answered_at or call.dialled_at or call.announced_at
    return Caller(agent, team_of(call.matter), call.case_reference, since)


def _seen(report: Report) -> Seen | None:
    """As the customer's own page of contacts shows it."""
    assert report.ours is not None
    return seen_of(report.ours)
