"""The evidence of a complaint, gathered by itself: the timelines of the complaint and of what it is about, who
contacted whom, calls and documents. The full edition is for its owner; the customer's leaves out what is internal, and
can be verified all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases import bundles, keeping_from, sentences, words
from backoffice.cases.bundles import Plain
from backoffice.cases.models import Case, Event, KeptFrom
from backoffice.cases.need_to_know import needs_to_know
from backoffice.cases.timeline_view import sentence_for_staff
from backoffice.complaints import rights
from backoffice.complaints.models import Bundle, Complaint, Edition, Redress
from backoffice.customers import reading
from backoffice.documents.models import Document
from backoffice.messages.catalogue import kind_of
from backoffice.refusals import Forbidden, NotFound
from backoffice.staff.models import User
from backoffice.staff.rights import needs
from backoffice.telephony.models import Call
from backoffice.trust.models import Contact
from workflows.complaint.facts import Moment

LOOKS_BACK = timedelta(days=30)
MOST = 200
"""Contacts, calls and documents; the newest."""


def gather(case: Case, *, moment: Moment, now: datetime) -> str:
    """Within `changing`: seals both editions, once for each moment. Returns the digest of the full one."""
    complaint = Complaint.of(case)
    known = Bundle.objects.filter(complaint=complaint, moment=moment, edition=Edition.FULL).first()
    if known is not None:
        return str(known.digest)
    made = [_made(case, complaint, edition, moment=moment, now=now) for edition in Edition]
    Bundle.objects.bulk_create(made)
    return str(made[0].digest)


@needs(rights.DOWNLOAD)
def download(*, case: Case, moment: str, edition: str, by: Actor, user: User | None = None) -> Bundle:
    """One bundle. Customers get their own edition of their own complaint, staff the full one, with a need to know
    or a reason. Raises `NotFound`, and `Forbidden` for who is kept from it or has neither."""
    theirs = by.kind is ActorKind.CUSTOMER
    if theirs and (str(case.customer.public_id) != by.id or edition != Edition.CUSTOMER):
        raise _unknown()
    if not theirs and keeping_from.is_kept_from(case, user):
        raise Forbidden("kept_from", keeping_from.sentence())
    if not theirs and (user is None or not _may_read(case, user)):
        raise Forbidden("no_reason", _("Open the complaint first: for a work item of yours, or with a reason."))
    found = Bundle.objects.filter(complaint_id=case.id, moment=moment, edition=edition).first()
    if found is None:
        raise _unknown()
    return found


def _may_read(case: Case, user: User) -> bool:
    """With a need to know, or while they have it open with a reason: an ombudsman asks long after it was closed."""
    now = timezone.now()
    return needs_to_know(case, user=user) or reading.is_open(
        customer=case.customer, user=user, case_id=case.id, now=now
    )


def _unknown() -> NotFound:
    return NotFound("unknown_evidence", _("There is no such evidence."))


def _made(case: Case, complaint: Complaint, edition: Edition, *, moment: Moment, now: datetime) -> Bundle:
    text = bundles.sealed(
        {
            "case": case.reference,
            "made_at": _iso(now),
            "edition": edition.value,
            "moment": moment.value,
            "timelines": [_timeline(one, edition, now=now) for one in (case, *_about(complaint))],
            "pieces": [
                *_written(complaint),
                *_contacts(case, complaint, edition),
                *_calls(case, complaint, edition),
                *_documents(case, complaint, edition),
            ],
        }
    )
    digest = bundles.digest_in(text)
    return Bundle(complaint=complaint, moment=moment, edition=edition, content=text, digest=digest, made_at=now)


def _about(complaint: Complaint) -> Sequence[Case]:
    """The case that it is about, and those under it."""
    about = complaint.about_case
    return [about, *Case.objects.filter(root=about).order_by("opened_at", "id")[:20]] if about else []


def _timeline(case: Case, edition: Edition, *, now: datetime) -> Plain:
    """With the events of this very transaction, which are not written yet."""
    events = [*Event.objects.filter(case_id=case.id).order_by("number"), *case.noted]
    for event in events:
        event.case = case
    lines = [_line(event, case, edition) for event in events]
    return bundles.timeline(case=str(case.id), reference=case.reference, lines=lines, at=_iso(now))


def _line(event: Event, case: Case, edition: Edition) -> Plain:
    """What a customer may not see is withheld from them, and so is a line with a reason that one of us typed."""
    if edition is Edition.FULL:
        return bundles.line(event, sentence_for_staff(event, case.process))
    said = sentences.for_customer(event.kind, words.of_event(case.process, event.kind, event.data)) or ""
    open_to_them = said and not event.reason and event.actor_kind != ActorKind.STAFF
    return bundles.line(event, said) if open_to_them else bundles.withheld(event, said)


def _written(complaint: Complaint) -> list[Plain]:
    content = {
        "topic": complaint.topic,
        "text": complaint.text,
        "wish": complaint.wish,
        "whom": complaint.whom,
        "received_at": _iso(complaint.received_at),
        "answer_by": _iso(complaint.answer_by),
        "came": complaint.came,
    }
    told = [
        bundles.piece(
            "answer",
            str(number),
            {
                "verdict": one.verdict,
                "reasons": one.reasons,
                "told_at": _iso(one.told_at),
                "gives": [_given(what) for what in one.redress.order_by("pk")],
            },
        )
        for number, one in enumerate(complaint.decisions.exclude(told_at=None), start=1)
    ]
    return [bundles.piece("complaint", complaint.case.reference, content), *told]


def _given(redress: Redress) -> Plain:
    """One thing that the answer promises; an amount is in minor units."""
    return {
        "kind": redress.kind,
        "amount_minor": redress.amount_minor,
        "currency": redress.currency,
        "words": redress.words,
        "due_at": _iso(redress.due_at),
        "given_at": _iso(redress.given_at),
    }


def _cases(case: Case, complaint: Complaint) -> list[Any]:
    return [case.id, *(one.id for one in _about(complaint))]


def _may_be_told(case: Case, edition: Edition) -> Q:
    """What belongs to another family from which somebody is kept who may read this one, the full edition does not tell:
    it would tell them of it. The customer knows it all."""
    if edition is Edition.CUSTOMER:
        return Q()
    kept_here = KeptFrom.objects.filter(root_id=case.root_id_or_own).values("user")
    roots = KeptFrom.objects.filter(root__customer=case.customer_id).exclude(user__in=kept_here).values("root_id")
    hidden = Case.objects.filter(Q(id__in=roots) | Q(root_id__in=roots)).exclude(id=case.id)
    return ~Q(case_id__in=hidden.values("id"))


def _contacts(case: Case, complaint: Complaint, edition: Edition) -> Iterable[Plain]:
    lately = Q(customer=complaint.customer_id, at__gt=complaint.received_at - LOOKS_BACK)
    which = Q(case_id__in=_cases(case, complaint)) | lately | Q(pk=complaint.contact_id)
    found = Contact.objects.filter(which, _may_be_told(case, edition), customer=complaint.customer_id)
    found = found.select_related("by").order_by("-at", "-pk")
    for one in found[:MOST]:
        content = {
            "at": _iso(one.at),
            "channel": one.channel,
            "direction": one.direction,
            "about": str(kind_of(one.purpose).about),
            "subject": one.subject,
            "address": one.address_masked,
            "case": one.case_reference,
            **_who("by", one.by, edition),
        }
        yield bundles.piece("contact", one.reference, content)


def _calls(case: Case, complaint: Complaint, edition: Edition) -> Iterable[Plain]:
    """Facts of each call; never what was noted after it, which is internal."""
    lately = Q(announced_at__gt=complaint.received_at - LOOKS_BACK) | Q(contact=complaint.contact_id)
    found = Call.objects.filter(lately, _may_be_told(case, edition), customer=complaint.customer_id)
    for one in found.select_related("contact", "agent").order_by("-announced_at", "pk")[:MOST]:
        content = {
            "direction": one.direction,
            "purpose": one.purpose,
            "state": one.state,
            "outcome": one.outcome,
            "times": dict(one.times),
            "announced_at": _iso(one.announced_at),
            "dialled_at": _iso(one.dialled_at),
            "answered_at": _iso(one.answered_at),
            "over_at": _iso(one.ended_at),
            "number": one.contact.address_masked,
            "asked_by_customer": one.asked_by_customer,
            **_who("agent", one.agent, edition),
        }
        yield bundles.piece("call", one.contact.reference, content)


def _documents(case: Case, complaint: Complaint, edition: Edition) -> list[Plain]:
    """By hash, never their content. A customer's edition names only what is theirs or meant for all."""
    which = Q(case_id__in=_cases(case, complaint))
    if edition is Edition.CUSTOMER:
        which &= Q(customer=complaint.customer_id) | Q(customer=None) & ~Q(origin="scanned")
    return [
        bundles.piece(
            "document",
            str(one.public_id),
            {
                "sha256": one.sha256,
                "received": one.received,
                "bytes": one.size,
                "type": one.media_type,
                "purpose": one.purpose,
                "origin": one.origin,
                "state": one.state,
                "made_at": _iso(one.made_at),
            },
        )
        for one in Document.objects.filter(which).order_by("made_at", "pk")[:MOST]
    ]


def _who(name: str, user: User | None, edition: Edition) -> dict[str, str]:
    """Who of us it was: in the full edition only."""
    if user is None or edition is Edition.CUSTOMER:
        return {}
    return {name: user.get_full_name() or user.get_username(), f"{name}_id": str(user.public_id)}


def _iso(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds") if at else ""
