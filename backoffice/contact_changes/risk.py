"""How risky a contact change is, and who could still stop it: assessed before the old addresses are told, and again
when the time to stop it is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from backoffice.actors import ActorKind, system
from backoffice.cases import timeline
from backoffice.cases.models import Case, CaseState, Event
from backoffice.contact_changes import refusing
from backoffice.contact_changes.models import ContactChange
from backoffice.customers import contact_points
from backoffice.customers.contact_points import RISK_AGE
from backoffice.customers.models import ContactKind, ContactPoint
from backoffice.messages.telling import WITNESS_DAYS
from backoffice.statements import update
from backoffice.trust.models import Contact, Direction
from backoffice.trust.reporting import PURPOSE as REPORTED
from workflows.contact_change.facts import Assessed, Risk, What

READ_AT_ONCE = (ContactKind.MAIL, ContactKind.PHONE)
"""By these channels an owner hears of a change while it can be stopped; a letter takes days."""


def assessed(case: Case, *, now: datetime) -> Assessed:
    """Assesses and records it. What has changed since the case was opened counts too."""
    change = ContactChange.of(case)
    why = reasons(change, case, now=now)
    risk = Risk.HIGH if why else Risk.LOW
    change.risk, change.risk_why = risk.value, ",".join(why)
    update(change, ("risk", "risk_why"))
    told = {"risk": risk.value, "why": change.risk_why}
    timeline.note(case, "contact_change.risk", by=system(), data=told, at=now)
    witnessed = has_witness(change, now=now)
    has_home = contact_points.current(customer=case.customer, kind=ContactKind.POSTAL) is not None
    return Assessed(
        risk=risk,
        witnessed=witnessed,
        by_letter=has_home and (change.what is What.POSTAL or not witnessed),
        no_home=not has_home,
        overtaken=is_overtaken(change),
        refused=refusing.refuse(case, now=now),
    )


def reasons(change: ContactChange, case: Case, *, now: datetime) -> list[str]:
    """The codes of what speaks against it: staff opened it, no code proved it, an address changed within 30 days or had
    a SIM swap, the number itself had one at any time, the new one is another customer's, or there is a suspicion in
    another case of this customer."""
    found = {kind.value for kind in contact_points.changed_within(customer=case.customer, now=now)}
    if change.was_swapped:
        found = found - {ContactKind.PHONE.value} | {"sim_swapped"}
    if change.at_branch:
        found.add("at_branch")
    if change.opened_by != ActorKind.CUSTOMER:
        found.add("by_staff")
    if change.known_elsewhere:
        found.add("known_elsewhere")
    found |= _suspicions(case, now=now)
    return sorted(found)


def _suspicions(case: Case, *, now: datetime) -> set[str]:
    """A paused case; an open one that an outside system reported, such as a detector of fraud; and a contact in our
    name that was reported to us within 30 days."""
    others = Case.objects.filter(customer=case.customer).exclude(pk=case.pk)
    found = {"paused_case"} if others.filter(state=CaseState.FROZEN).exists() else set()
    signals = Event.objects.filter(kind="case.opened", actor_kind=ActorKind.OUTSIDE)
    if signals.filter(case__in=others.exclude(state=CaseState.CLOSED)).exists():
        found.add("signalled")
    reports = Contact.objects.filter(customer=case.customer, direction=Direction.IN, purpose=REPORTED)
    return found | ({"reported"} if reports.filter(at__gte=now - RISK_AGE).exists() else set())


def has_witness(change: ContactChange, *, now: datetime) -> bool:
    """Whether there is another old channel, besides the one that is changed, by which its owner is told in time: an
    address of another kind that is older than 30 days, or one that was replaced within 30 days. None is enough for a
    number whose SIM was swapped: whoever has the SIM gets the code, so somebody must see who the customer is."""
    if change.was_swapped:
        return False
    known = Q(superseded_at=None) | Q(superseded_at__gte=now - timedelta(days=WITNESS_DAYS))
    points = ContactPoint.objects.filter(known, customer=change.customer_id, kind__in=READ_AT_ONCE)
    return any(
        point.superseded_at is not None or (point.kind != change.kind and now - point.since >= RISK_AGE)
        for point in points.filter(verified_at__isnull=False, sim_swapped_at=None)
    )


def is_overtaken(change: ContactChange) -> bool:
    """Whether the address that was to be replaced is no longer the one in force."""
    current = contact_points.current(customer=change.customer, kind=change.kind)
    return (current.pk if current else None) != change.replaces_id
