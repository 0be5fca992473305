"""What the page of a complaint shows in addition: the clock for both sides, the answers, the evidence; and for staff
what it is about, and whom it keeps away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from backoffice.actors import Actor
from backoffice.cases.models import Case, CaseState, KeptFrom
from backoffice.complaints import answering, naming, rights
from backoffice.complaints.clock import age
from backoffice.complaints.models import Bundle, ClockRule, Complaint, Decision, Edition
from backoffice.complaints.ombudsmen import ombudsman_of
from backoffice.complaints.words import redress_in_words, verdict_for_staff
from backoffice.staff.models import User
from backoffice.staff.those import Those
from backoffice.trust.quiet_hours import zone
from backoffice.ui.times import absolute, relative, until


@dataclass(frozen=True)
class Given:
    """One thing that the customer gets, and when: `due` and `given` are aware, or None."""

    words: str
    due: datetime | None
    given: datetime | None


@dataclass(frozen=True)
class Told:
    """An answer as its reader sees it."""

    verdict: str
    reasons: Sequence[str]
    told_at: datetime | None
    redress: Sequence[Given]


def portal_panel(case: Case, by: Actor) -> tuple[str, Mapping[str, Any]] | None:
    complaint = Complaint.of(case)
    decisions = answering.told_decisions(complaint)
    context = {
        "case": case,
        "complaint": complaint,
        "written": complaint.text.splitlines(),
        "until": until(complaint.answer_by, complaint.customer),
        "waits": _waits(case, complaint),
        "late": complaint.is_late(timezone.now()),
        "decisions": [_told(one) for one in decisions],
        "held": complaint.held_because.splitlines() if not decisions else [],
        "ombudsman": ombudsman_of(complaint.customer),
        "bundles": _bundles(complaint, Edition.CUSTOMER),
        "kept": KeptFrom.objects.filter(root_id=case.root_id_or_own).exists(),
        "unknown": complaint.name_unknown,
    }
    return "complaint/portal_panel.html", context


def _waits(case: Case, complaint: Complaint) -> bool:
    """Whether the clock of an answer runs."""
    return case.state not in (CaseState.CLOSED, CaseState.STOPPING) and complaint.answered_at is None


def _told(decision: Decision) -> Told:
    return Told(
        verdict=str(decision.get_verdict_display()),
        reasons=decision.reasons.splitlines(),
        told_at=decision.told_at,
        redress=[Given(redress_in_words(one), one.due_at, one.given_at) for one in decision.redress.all()],
    )


def _bundles(complaint: Complaint, edition: Edition) -> list[tuple[str, Bundle]]:
    names = {
        "opening": _t("when you complained"),
        "answer": _t("with our answer"),
        "review": _t("with our second answer"),
    }
    if edition is Edition.FULL:
        names = {"opening": _t("at the opening"), "answer": _t("at the answer"), "review": _t("at the second answer")}
    found = complaint.bundles.filter(edition=edition).defer("content").order_by("made_at", "pk")
    return [(names[one.moment], one) for one in found]


def desk_panel(case: Case) -> tuple[str, Mapping[str, Any]] | None:
    complaint = Complaint.of(case)
    kept = [one.user for one in KeptFrom.objects.filter(root_id=case.root_id_or_own).select_related("user")]
    decisions = answering.told_decisions(complaint)
    context = {
        "case": case,
        "complaint": complaint,
        "clock": clock_lines(complaint, now=timezone.now(), waits=_waits(case, complaint)),
        "call": _call_lines(complaint),
        "kept": [user.get_full_name() or user.get_username() for user in kept],
        "people": _people(complaint, kept) if case.state != CaseState.CLOSED else [],
        "may_name": Those(rights.NAME),
        "decisions": [replace(_told(one), verdict=verdict_for_staff(one)) for one in decisions],
        "bundles": _bundles(complaint, Edition.FULL),
        "ombudsman": ombudsman_of(complaint.customer),
    }
    return "complaint/desk_panel.html", context


def clock_lines(complaint: Complaint, *, now: datetime, waits: bool) -> Sequence[tuple[str, str]]:
    """Age and clock, as (label, words)."""
    where = complaint.customer.time_zone
    days = age(complaint.received_at, now=now, country=complaint.country, time_zone=where)
    lines = [
        (_t("Age"), _age_in_words(days, complaint.country)),
        (_t("Clock"), str(ClockRule(complaint.rule).label)),
    ]
    if not waits:
        return lines

    def at(moment: datetime) -> str:
        words = absolute(moment, zone(where), now)
        return _t("%(when)s on the customer's clock (%(zone)s)") % {"when": words, "zone": where}

    lines.append((_t("Answer due"), f"{relative(complaint.answer_by, now)}, {at(complaint.answer_by)}"))
    if now <= complaint.summary_by:
        lines.append((_t("A summary is enough until"), at(complaint.summary_by)))
    if complaint.hard_stop != complaint.answer_by and complaint.reopened_at is None:
        lines.append((_t("Never later than"), at(complaint.hard_stop)))
    return lines


def _age_in_words(days: int, country: str) -> str:
    words = ngettext("%(days)d business day, %(country)s", "%(days)d business days, %(country)s", days)
    return words % {"days": days, "country": country}


def _call_lines(complaint: Complaint) -> Sequence[tuple[str, str]]:
    """The facts of the call or message that it is about."""
    contact = complaint.contact
    if contact is None:
        return []
    lines = [(capfirst(contact.get_channel_display()), f"{contact.reference}, {relative(contact.at)}")]
    call = getattr(contact, "telephone_call", None)
    if call is not None:
        lines.append((_t("How the call went"), str(call.get_outcome_display() or call.get_state_display())))
        if call.answered_at and call.ended_at:
            seconds = int((call.ended_at - call.answered_at).total_seconds())
            lines.append((_t("Talked for"), _t("%(minutes)d min %(seconds)d s") % _minutes(seconds)))
    return lines


def _minutes(seconds: int) -> dict[str, int]:
    return {"minutes": seconds // 60, "seconds": seconds % 60}


def _people(complaint: Complaint, kept: Sequence[User]) -> Sequence[tuple[str, str]]:
    """Those of us who can be named: first who had contact with the customer."""
    taken = {user.pk for user in kept}
    known = list(naming.had_contact(complaint.customer, now=timezone.now()))
    others = User.objects.filter(is_staff=True, is_active=True).exclude(pk__in=[user.pk for user in known])
    people = [*known, *others.order_by("first_name", "last_name", "pk")[:200]]
    return [(str(one.public_id), one.get_full_name() or one.get_username()) for one in people if one.pk not in taken]
