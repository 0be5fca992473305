"""What a customer adds to their report: more of the contact, whether it was theirs, what they gave away."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind, system
from backoffice.cases import timeline
from backoffice.cases.forms import Answer
from backoffice.cases.models import Case
from backoffice.cases.unit_of_work import changing
from backoffice.refusals import Invalid, NotFound
from backoffice.staff.rights import needs
from backoffice.suspicions import grouping, matching, pausing, rights
from backoffice.suspicions.matching import Reported
from backoffice.suspicions.models import Match, Proof, Report
from backoffice.trust.extracting import LONGEST
from backoffice.trust.likeness import likeness_of
from workflows.suspicious_contact import facts


class Given(models.TextChoices):
    """What people give away, the gravest first."""

    PAID = "paid", _("I paid, or I let a payment through")
    INSTALLED = "installed", _("I installed something, or let somebody use my computer or telephone")
    CARD = "card", _("I told or typed the number of a card")
    CODE = "code", _("I told or typed a code that you sent me")
    PASSWORD = "password", _("I told or typed my password")
    DOCUMENT = "document", _("I sent a picture of my identity document")
    CLICKED = "clicked", _("I opened a link or a file, and typed nothing")
    NOTHING = "nothing", _("Nothing of this")


def first_report(case: Case) -> Report:
    """The report with which the case was opened."""
    reports = Report.objects.filter(case=case).select_related("contact", "group", "ours")
    return reports.order_by("at", "id")[0]


def given_in(case: Case) -> list[str] | None:
    """The codes of what was given away, in the order of `Given`; None while the customer has not said."""
    told = Report.objects.filter(case=case, gave__isnull=False).order_by("-told_at").first()
    return [one.value for one in Given if one.value in (told.gave or ())] if told else None


@needs(rights.TELL)
def tell_what_was_given(*, case_id: uuid.UUID, gave: Collection[str], by: Actor, now: datetime) -> Report:
    """Notes what was told or given; it can be said again, and the last word counts. `now` is UTC. Raises `Invalid` on
    `gave` for nothing, for an unknown code, or for “nothing” with something; `NotFound` for another's case."""
    if not gave or set(gave) - set(Given.values):
        raise Invalid({"gave": [_t("Choose what happened, or “Nothing of this”.")]})
    if Given.NOTHING in gave and len(set(gave)) > 1:
        raise Invalid({"gave": [_t("You chose “Nothing of this” and something else. Choose one or the other.")]})
    with changing(case_id) as case:
        if by.kind is ActorKind.CUSTOMER and str(case.customer.public_id) != by.id:
            raise NotFound("unknown_case", _t("There is no such case."))
        report = first_report(case)
        report.gave, report.told_at = sorted(set(gave)), now
        report.save(update_fields=["gave", "told_at"])
        timeline.note(case, "suspicious.told", by=by, data={"given": ",".join(report.gave)}, at=now)
        return report


def say_more(case: Case, *, text: str, sender: str, at: Answer) -> facts.Match:
    """Matches the report again with what the customer adds. Part of the answer to the work item that asks for it."""
    report = first_report(case)
    report.text = f"{report.text}\n\n{text}".strip()[:LONGEST]
    report.sender = sender or report.sender
    told = Reported(text=report.text, sender=report.sender, channel=report.contact.channel)
    found = likeness_of(told.text, sender=told.sender)
    matched = matching.match(told, found, customer=case.customer, now=at.now)
    report.match, report.ours = matched.match, matched.ours
    if report.group is not None and matched.match is not Match.OURS:
        grouping.add_to(report.group, found)
        report.group.save(update_fields=["seen"])
    report.paused += pausing.pause(report, now=at.now)
    report.save(update_fields=["text", "sender", "match", "ours", "paused"])
    data = {"match": str(report.match), "channel": report.contact.channel}
    timeline.note(case, "suspicious.matched", by=at.by, data=data, at=at.now)
    if report.paused:
        data = {"count": str(report.paused)}
        timeline.note(case, "suspicious.paused", by=system(), data=data, at=at.now)
    return facts.Match(report.match)


def vouch_for(case: Case, *, at: Answer) -> None:
    """The customer says at level 2 that the report was theirs: it counts as proven, and what it paused stays paused."""
    report = first_report(case)
    report.proof = Proof.CUSTOMER
    report.save(update_fields=["proof"])
    pausing.pause(report, now=at.now)
