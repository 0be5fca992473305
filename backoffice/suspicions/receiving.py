"""Taking a report in, from whatever channel: matched at once, grouped with the same, and what is sensitive paused in
the same transaction, unless it is ours. A customer's report has a case; that of somebody whom we do not know waits
without one.

Locks are taken in this order: the customer, the report's key, the groups, the report's own case, the customer's other
cases.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind, Channel, system
from backoffice.cases import opening, timeline
from backoffice.cases.models import Case, CaseState
from backoffice.cases.unit_of_work import changing, unit_of_work
from backoffice.customers.models import Customer
from backoffice.refusals import Conflict, NotFound
from backoffice.sealed import keyed_hash
from backoffice.staff.models import User
from backoffice.staff.rights import READERS, needs
from backoffice.suspicions import calls, grouping, matching, pausing, rights
from backoffice.suspicions.matching import Matched, Reported
from backoffice.suspicions.models import GroupState, Match, Proof, Report, Source
from backoffice.trust import reporting
from backoffice.trust.extracting import LONGEST
from backoffice.trust.likeness import Likeness
from backoffice.trust.limits import Limit, allowed
from backoffice.trust.models import Contact, ContactChannel
from workflows.suspicious_contact import facts
from workflows.suspicious_contact.facts import SuspicionOpening, Verdict
from workflows.suspicious_contact.spec import SUSPICIOUS_CONTACT

PER_ACCOUNT = Limit("suspicion-reports-account", times=30, per=timedelta(hours=1))
LONGEST_SENDER = 200


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A report as it comes in. `customer` is for whom it is; `origin` is where it came from, an account or a network,
    of which only a keyed hash is kept. `aside` are cases that are looked after already. The face makes the `key`."""

    reported: Reported
    key: uuid.UUID
    source: Source
    customer: Customer | None = None
    user: User | None = None
    origin: str = ""
    aside: Sequence[uuid.UUID] = ()


@needs(rights.RECEIVE)
def receive(*, incoming: Incoming, by: Actor, now: datetime) -> Report:
    """Takes a report in; the same key twice is one report. `now` is UTC. Raises `NotFound` when a customer reports for
    another, `Conflict` for too many of one account ("too_many") and for the key of another's report ("key_used")."""
    check_whose(incoming, by=by, now=now)
    with unit_of_work():
        report, new = _taken_in(incoming, None, by=by, now=now)
        if new:
            _give_case(report, incoming, by=by, now=now)
    return Report.objects.select_related("contact", "group", "case", "customer").get(pk=report.pk)


def heard(told: reporting.Report, contact: Contact) -> None:
    """What the desk, or a customer at their door, reported through the register (`reporting.listen`)."""
    source = {Channel.DESK: Source.DESK, Channel.API: Source.MACHINE}
    incoming = Incoming(
        reported=Reported(text=told.pasted[:LONGEST], sender="", channel=contact.channel),
        key=told.key,
        source=Source.VISIT if told.aside else source.get(told.by.channel, Source.PORTAL),
        customer=told.customer,
        user=told.user,
        origin=told.by.id,
        aside=(told.aside,) if told.aside else (),
    )
    receive(incoming=incoming, by=told.by, now=told.now)


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> SuspicionOpening:
    """Runs in the opening's transaction, for a report that is taken in already, or that the form of the opening holds.
    Raises what `receive` raises."""
    if content.get("taken_in"):
        report = Report.objects.select_related("contact", "group").get(contact__reference=content["taken_in"])
        if report.case_id is not None or report.customer_id != case.customer_id:
            raise Conflict("taken_in", _("This report has a case already."))
    else:
        incoming = Incoming(
            reported=_reported_in(content, case.customer, now),
            key=case.id,
            source={Channel.PORTAL: Source.PORTAL, Channel.DESK: Source.DESK}.get(by.channel, Source.MACHINE),
            customer=case.customer,
            user=User.objects.filter(public_id=by.id).first() if by.kind is ActorKind.STAFF else None,
            origin=by.id,
        )
        check_whose(incoming, by=by, now=now)
        report, _new = _taken_in(incoming, case, by=by, now=now)
    aside = [uuid.UUID(one) for one in content.get("aside", ())]
    return _into(case, report, by=by, now=now, aside=aside)


def _reported_in(content: Mapping[str, Any], customer: Customer, now: datetime) -> Reported:
    about = time.fromisoformat(content["about"]) if content.get("about") else None
    came = calls.came(content.get("when") or "", about, customer=customer, now=now)
    told = {"text": content["text"], "sender": content["sender"], "channel": content["how"]}
    return Reported(**told, is_on_now=content["is_on_now"], came=came)


def check_whose(incoming: Incoming, *, by: Actor, now: datetime) -> None:
    """Customers report for themselves, and not without end. Raises `NotFound` and `Conflict`."""
    if by.kind is ActorKind.CUSTOMER:
        if incoming.customer is None or str(incoming.customer.public_id) != by.id:
            raise NotFound("unknown_customer", _("There is no such customer."))
        if not allowed(PER_ACCOUNT, by.id, now=now):
            raise Conflict("too_many", _("You reported a lot within an hour. If you need help now, call us."))


def _taken_in(incoming: Incoming, case: Case | None, *, by: Actor, now: datetime) -> tuple[Report, bool]:
    """The report, and whether it is new: its row of the register, what the register says of it, and its group."""
    customer, reported = incoming.customer, incoming.reported
    if customer is not None:
        Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    _one_at_a_time(incoming.key)
    contact, _new = reporting.note(_for_register(incoming, by=by, now=now))
    known = Report.objects.select_related("contact", "group", "case", "customer").filter(contact=contact).first()
    if known is not None:
        return _checked_same(known, incoming), False
    proof = _proof(incoming, by=by)
    found = grouping.likeness(reported.text, reported.sender, customer=customer)
    matched = _matched(incoming, found, proof, now)
    group = None
    if matched.match is not Match.OURS:
        group = grouping.group_of(found, channel=contact.channel, proof=proof, customer=customer, now=now)
    report = Report.objects.create(
        contact=contact,
        group=group,
        case=case,
        customer=customer,
        source=incoming.source,
        source_index=keyed_hash("source", incoming.origin) if incoming.origin else "",
        proof=proof,
        match=matched.match,
        ours=matched.ours,
        text=reported.text[:LONGEST],
        sender=reported.sender[:LONGEST_SENDER],
        is_on_now=reported.is_on_now,
        at=now,
    )
    return report, True


def _one_at_a_time(key: uuid.UUID) -> None:
    """Two presses at once wait for each other, also where nobody is signed in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key.int >> 65])


def _checked_same(known: Report, incoming: Incoming) -> Report:
    """The same key again. Whoever has read the reference of another's report can make its key: they get nothing of
    it, and add nothing to it."""
    if known.customer != incoming.customer or known.source != incoming.source:
        raise Conflict("key_used", _("This page was used for another report. Load it again."))
    return known


def _for_register(incoming: Incoming, *, by: Actor, now: datetime) -> reporting.Report:
    return reporting.Report(
        pasted=incoming.reported.pasted,
        channel=incoming.reported.channel,
        key=incoming.key,
        by=by,
        now=now,
        user=incoming.user,
        customer=incoming.customer,
    )


def _proof(incoming: Incoming, *, by: Actor) -> Proof:
    """What somebody says without having signed in is nobody's word, whomever they name."""
    if incoming.customer is None:
        return Proof.NONE
    return {ActorKind.CUSTOMER: Proof.CUSTOMER, ActorKind.STAFF: Proof.STAFF}.get(by.kind, Proof.NONE)


def _matched(incoming: Incoming, found: Likeness, proof: Proof, now: datetime) -> Matched:
    """Whoever stands at a door in our name and is expected by nobody is not from us, whatever the register says."""
    at_a_door = incoming.source in (Source.VISIT, Source.FIELD)
    if at_a_door and incoming.reported.channel == ContactChannel.IN_PERSON:
        return Matched(Match.NOT_OURS)
    return matching.match(incoming.reported, found, customer=incoming.customer if proof else None, now=now)


def _give_case(report: Report, incoming: Incoming, *, by: Actor, now: datetime) -> None:
    """A customer's own report goes into their open case about the same contact, else into a new one. What nobody
    vouches for opens one only where it pauses something, so that the customer learns of it and can let it go on."""
    customer = report.customer
    if customer is None:
        return
    if report.proof:
        case = _open_about_the_same(report)
        if case is not None:
            report.case = case
            report.save(update_fields=["case"])
            with changing(case.id) as locked:
                _into(locked, report, by=by, now=now, aside=incoming.aside)
            return
    else:
        report.paused = pausing.pause(report, now=now, aside=incoming.aside)
        report.save(update_fields=["paused"])
        if report.paused == 0:
            return
    opens = by if by.kind is ActorKind.CUSTOMER or by.roles & READERS else system()
    reference = report.contact.reference
    opening.open_case(
        process=SUSPICIOUS_CONTACT.name,
        customer=customer,
        by=opens,
        key=f"report:{reference}",
        content={"taken_in": reference, "aside": [str(one) for one in incoming.aside]},
        now=now,
    )


def _open_about_the_same(report: Report) -> Case | None:
    if report.group_id is None:
        return None
    theirs = Report.objects.filter(customer=report.customer, group=report.group_id, case__isnull=False)
    open_ones = theirs.exclude(case__state__in=(CaseState.CLOSED, CaseState.STOPPING)).select_related("case")
    found = open_ones.order_by("at").first()
    return found.case if found else None


def _into(case: Case, report: Report, *, by: Actor, now: datetime, aside: Sequence[uuid.UUID] = ()) -> SuspicionOpening:
    """The report becomes part of the case, which is being opened or changed."""
    if report.case_id is None:
        report.case = case
    told = {"match": str(report.match), "channel": report.contact.channel}
    timeline.note(case, "suspicious.reported", by=by, data=told, at=now)
    if report.proof:
        report.paused = pausing.pause(report, now=now, aside=aside)
    report.save(update_fields=["case", "paused"])
    if report.paused:
        data = {"count": str(report.paused)}
        timeline.note(case, "suspicious.paused", by=system(), data=data, at=now)
    Contact.objects.filter(pk=report.contact_id).update(case_id=case.id, case_reference=case.reference)
    group = report.group
    known = Verdict.CONFIRMED if group is not None and group.state == GroupState.CONFIRMED else None
    return SuspicionOpening(match=facts.Match(report.match), proven=bool(report.proof), known=known)
