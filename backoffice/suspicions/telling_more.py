"""What a customer adds to their report: more of the contact, whether it was theirs, what they gave away."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind, system
from backoffice.cases import timeline
from backoffice.cases.forms import Answer
from backoffice.cases.models import Case, Event
from backoffice.cases.unit_of_work import changing
from backoffice.refusals import Invalid, NotFound
from backoffice.staff.rights import needs
from backoffice.suspicions import calls, grouping, matching, pausing, rights
from backoffice.suspicions.matching import Matched, Reported
from backoffice.suspicions.models import Match, Proof, Report
from backoffice.telephony.live.teams import team_of
from backoffice.telephony.models import Call
from backoffice.trust.extracting import LONGEST
from backoffice.trust.models import ContactChannel
from backoffice.trust.quiet_hours import zone

ANOTHER = "another"
"""The answer that it was none of our calls."""


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


def match_of(case: Case) -> Match:
    """What the register says of all that was reported in this case: the gravest decides."""
    found = set(Report.objects.filter(case=case).values_list("match", flat=True))
    return next(one for one in (Match.NOT_OURS, Match.CANNOT_TELL, Match.OURS) if one in found)


def given_in(case: Case) -> list[str] | None:
    """The codes of what was given away, in the order of `Given`; None while the customer has not said."""
    told = Report.objects.filter(case=case, gave__isnull=False).order_by("-told_at").first()
    return [one.value for one in Given if one.value in (told.gave or ())] if told else None


def ever_gave(case: Case) -> bool:
    """Whether it was ever said that something was given away. Who takes it back later may be somebody else, and what
    the other side has learned it keeps."""
    told = Event.objects.filter(case=case, kind="suspicious.told").values_list("data", flat=True)
    return any(one.get("given") != Given.NOTHING for one in told)


def our_calls(case: Case) -> list[tuple[str, str]]:
    """Our calls that the customer may mean who reported a call: the id of each, and its words. For a form."""
    report = first_report(case)
    if report.contact.channel != ContactChannel.CALL:
        return []
    here = zone(case.customer.time_zone)
    return [
        (
            str(call.pk),
            _t("%(when)s: %(agent)s of %(team)s")
            % {
                "when": date_format((call.dialled_at or call.announced_at).astimezone(here), "l j F, H:i"),
                "agent": (call.agent.first_name if call.agent else "") or _t("one of us"),
                "team": team_of(call.matter),
            },
        )
        for call in calls.lately(case.customer, now=report.at)[: calls.MOST_SHOWN]
        if call.announced_at <= report.at
    ]


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


def say_more(case: Case, *, text: str, sender: str, which: str, at: Answer) -> Report:
    """Matches the report again with what the customer adds. Part of the answer to the work item that asks for it.
    `which` is the id of the call of ours that it was, or `ANOTHER`; or empty."""
    report = first_report(case)
    report.text = f"{report.text}\n\n{text}".strip()[:LONGEST]
    report.sender = sender or report.sender
    told = Reported(text=report.text, sender=report.sender, channel=report.contact.channel, is_another=which == ANOTHER)
    found = grouping.likeness(told.text, told.sender, customer=case.customer)
    matched = matching.match(told, found, customer=case.customer, now=at.now)
    if matched.match is Match.CANNOT_TELL and which:
        call = Call.objects.select_related("contact").get(pk=which, customer=case.customer)
        matched = Matched(Match.OURS, call.contact)
    report.match, report.ours = matched.match, matched.ours
    if report.group is not None and matched.match is not Match.OURS:
        grouping.add_to(report.group, found)
        report.group.save(update_fields=["seen"])
    report.save(update_fields=["text", "sender", "match", "ours"])
    data = {"match": str(report.match), "channel": report.contact.channel}
    timeline.note(case, "suspicious.matched", by=at.by, data=data, at=at.now)
    _pause(case, report, now=at.now)
    return report


def vouch_for(case: Case, *, at: Answer) -> None:
    """The customer says at level 2 that the report was theirs: it counts as proven, and what it paused stays paused."""
    report = first_report(case)
    report.proof = Proof.CUSTOMER
    report.save(update_fields=["proof"])
    _pause(case, report, now=at.now)


def _pause(case: Case, report: Report, *, now: datetime) -> None:
    """What was opened since it was first reported, too; and the timeline says so."""
    if paused := pausing.pause(report, now=now):
        report.paused += paused
        report.save(update_fields=["paused"])
        timeline.note(case, "suspicious.paused", by=system(), data={"count": str(paused)}, at=now)
