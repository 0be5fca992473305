"""What the page of a case shows beside its timeline: what is to be done, what was proven, and who it is about."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.actors import ActorKind
from backoffice.cards.models import CardReissue
from backoffice.cases import catalogue, forms, reminding, worklist
from backoffice.cases.items import title_of
from backoffice.cases.models import Case, CaseState, Event, ItemState, PerformerKind, WorkItem
from backoffice.customers import contact_points, reading
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.desk import rows
from backoffice.desk.clerk import Clerk
from backoffice.desk.happenings import CHANNELS, proof_words
from backoffice.messages.catalogue import kind_of
from backoffice.messages.models import MessageState
from backoffice.references import tidy_reference
from backoffice.refusals import NotFound
from backoffice.trust.models import Contact, ContactChannel, Direction

MOST = 8
"""Lines in a panel of the page."""


def case_of(typed: str) -> Case:
    """The case of a reference, however it was typed. Raises `NotFound`."""
    reference = tidy_reference(typed)
    found = Case.objects.filter(reference=reference).select_related("customer", "parent").first() if reference else None
    if found is None:
        raise NotFound(
            "unknown_case", _("There is no case “%(reference)s”.") % {"reference": typed[:20]}, field="reference"
        )
    return found


def family_of(case: Case) -> list[uuid.UUID]:
    """The case and those under it, which are seen from its page."""
    return [case.id, *Case.objects.filter(parent=case).values_list("id", flat=True)]


@dataclass(frozen=True)
class Todo:
    """An open work item on the page: its form where the reader may answer it, else why not."""

    item: WorkItem
    title: str
    who: str
    why_now: str
    why_not: str
    form: forms.ItemForm | None
    mine: bool
    claimable: bool
    releasable: bool
    sensitive: bool
    saved: str
    customers: bool
    why_not_remind: str


def todos(case: Case, family: Sequence[uuid.UUID], *, me: Clerk, now: datetime) -> list[Todo]:
    found = WorkItem.objects.filter(case_id__in=family, state=ItemState.OPEN).order_by("due_at", "id")
    items = list(found.select_related("case", "case__customer", "holder", "party"))
    whys = rows.why_now(items, now=now)
    return [todo(item, me=me, why=whys[item.id]) for item in items]


def todo(item: WorkItem, *, me: Clerk, why: str, data: Mapping[str, object] | None = None) -> Todo:
    for_staff = item.performer in (PerformerKind.ROLE, PerformerKind.PERSON)
    why_not = (
        worklist.why_not(item, by=me.actor, user=me.user)
        if for_staff
        else _("Only the customer answers this, signed in.")
    )
    mine = item.holder_id == me.user.pk
    may_release = item.performer == PerformerKind.ROLE and item.holder_id is not None
    return Todo(
        item=item,
        title=_(title_of(item, item.case.process)),
        who=performer_words(item),
        why_now=why,
        why_not=why_not,
        form=form_of(item, me=me, data=data) if not why_not else None,
        mine=mine,
        claimable=not why_not and item.performer == PerformerKind.ROLE and item.holder_id is None,
        releasable=may_release and (mine or "supervisor" in me.actor.roles),
        sensitive=is_sensitive(item),
        saved=saved_words(item),
        customers=item.performer == PerformerKind.CUSTOMER,
        why_not_remind=reminding.why_not_remind(item.case, item, by=me.actor, now=timezone.now()),
    )


def form_of(item: WorkItem, *, me: Clerk, data: Mapping[str, object] | None = None) -> forms.ItemForm | None:
    """The item's form, filled from its draft; None for a kind that no face of ours has a form for."""
    fields = f"id_{item.id.hex[:8]}_%s"
    return catalogue.answering(item).form_for(item, by=me.actor, data=data, initial=item.draft or {}, auto_id=fields)


def is_sensitive(item: WorkItem) -> bool:
    """An approval: it needs a second factor shown within fifteen minutes."""
    return catalogue.item_kind(item.case.process, item.kind).sensitive


def performer_words(item: WorkItem) -> str:
    if item.performer == PerformerKind.CUSTOMER:
        return _("the customer")
    if item.performer == PerformerKind.PARTY:
        return _("the other party")
    holder = item.holder.get_full_name() or item.holder.get_username() if item.holder else ""
    return holder or _("any %(role)s") % {"role": item.role}


@dataclass(frozen=True)
class Proof:
    direction: str
    words: str
    at: datetime | None


def proofs(family: Sequence[uuid.UUID]) -> list[Proof]:
    """Both directions: how we proved ourselves to the customer, and how he proved himself to us."""
    return [*_our_proofs(family), *_his_proofs(family)]


def _our_proofs(family: Sequence[uuid.UUID]) -> list[Proof]:
    sent = Contact.objects.filter(case_id__in=family, direction=Direction.OUT).filter(
        Q(message__isnull=True) | Q(message__state=MessageState.SENT)
    )
    found = list(sent.exclude(channel=ContactChannel.VISIT).order_by("-at").values_list("channel", "at"))
    if not found:
        return []
    counts = {channel: sum(1 for other, _at in found if other == channel) for channel, _at in found}
    said = ", ".join(f"{count} × {ContactChannel(channel).label}" for channel, count in counts.items())
    words = _("his phrase and a check code in %(messages)s") % {"messages": said}
    return [Proof(_("we → customer"), words, found[0][1])]


def _his_proofs(family: Sequence[uuid.UUID]) -> list[Proof]:
    events = Event.objects.filter(case_id__in=family, actor_kind=ActorKind.CUSTOMER).exclude(proof="").order_by("-at")
    shown: dict[tuple[str, str], Proof] = {}
    for event in events[:50]:
        words = _("%(proof)s, at the %(channel)s") % {
            "proof": proof_words(event.proof),
            "channel": CHANNELS.get(event.channel, event.channel),
        }
        shown.setdefault((event.proof, event.channel), Proof(_("customer → us"), words, event.at))
    seen = WorkItem.objects.filter(case_id__in=family, state=ItemState.ANSWERED, part__in=("identifier", "reviewer"))
    for item in seen.select_related("case").order_by("-answered_at"):
        words = f"{_(title_of(item, item.case.process))}: {item.outcome}"
        shown[(item.step, "")] = Proof(_("customer → us"), words, item.answered_at)
    return list(shown.values())[:MOST]


@dataclass(frozen=True)
class PointLine:
    label: str
    masked: str
    warning: str


def point_lines(customer: Customer, *, now: datetime) -> list[PointLine]:
    """The addresses in force, masked, each with what makes it doubtful."""
    points = contact_points.currents(customer=customer)
    superseding = set(
        ContactPoint.objects.filter(customer=customer, superseded_by__isnull=False).values_list(
            "superseded_by", flat=True
        )
    )
    return [
        PointLine(str(ContactKind(kind).label), point.masked, _warning(point, changed=point.pk in superseding, now=now))
        for kind, point in sorted(points.items())
    ]


def _warning(point: ContactPoint, *, changed: bool, now: datetime) -> str:
    if point.sim_swapped_at:
        return _("the SIM was swapped or the number ported")
    if changed and now - point.since < contact_points.RISK_AGE:
        return rows.changed_sentence(point, now=now)
    return "" if point.verified_at else _("not verified")


def risk_of(case: Case) -> str:
    """Why this case is risky; empty where it is not, or was not assessed yet."""
    found = CardReissue.objects.filter(case_id__in=[case.id, case.parent_id], risk="high").first()
    return found.risk_why if found else ""


@dataclass(frozen=True)
class ContactLine:
    about: str
    channel: str
    to: str
    at: datetime
    reference: str
    inbound: bool
    state: str


def contact_lines(which: Q, *, most: int = MOST) -> list[ContactLine]:
    found = Contact.objects.filter(which).select_related("message").order_by("-at", "-pk")[:most]
    return [
        ContactLine(
            about=str(kind_of(contact.purpose).about),
            channel=contact.get_channel_display(),
            to=contact.address_masked,
            at=contact.at,
            reference=contact.reference,
            inbound=contact.direction == Direction.IN,
            state=_sending(contact),
        )
        for contact in found
    ]


def _sending(contact: Contact) -> str:
    message = getattr(contact, "message", None)
    if message is None or message.state == MessageState.SENT:
        return ""
    return _("could not be sent") if message.state == MessageState.FAILED else _("waits to be sent")


@dataclass(frozen=True)
class Related:
    case: Case
    how: str
    title: str


def related(case: Case) -> list[Related]:
    """The case above, those under it, and the customer's other ones, the newest first."""
    cases = Case.objects.filter(Q(id=case.parent_id) | Q(parent=case) | Q(customer=case.customer)).exclude(id=case.id)
    lines = [Related(other, _how(case, other), title(other)) for other in cases.order_by("-opened_at")[:MOST]]
    return sorted(lines, key=lambda line: line.how == _("same customer"))


def _how(case: Case, other: Case) -> str:
    if other.id == case.parent_id:
        return _("above this one")
    return _("under this one") if other.parent_id == case.id else _("same customer")


def title(case: Case) -> str:
    return _(catalogue.spec(case.process).title)


def headline(case: Case) -> str:
    """ "Card reissue: fraud": the process, and what its particulars add."""
    said = catalogue.process(case.process).summary(case)
    return f"{title(case)}: {said}" if said else title(case)


@dataclass(frozen=True)
class Answered:
    title: str
    at: datetime | None
    lines: Sequence[Mapping[str, str]]


def answers(family: Sequence[uuid.UUID], *, me: Clerk) -> list[Answered]:
    """What was answered, in the words of its form, the newest first."""
    found = WorkItem.objects.filter(case_id__in=family, state=ItemState.ANSWERED).order_by("-answered_at")
    return [
        Answered(_(title_of(item, item.case.process)), item.answered_at, _lines(item, me=me))
        for item in found.select_related("case", "case__customer")[:MOST]
        if item.answer
    ]


def _lines(item: WorkItem, *, me: Clerk) -> list[dict[str, str]]:
    form = form_of(item, me=me)
    if form is None:
        return []
    kept = item.answer or {}
    return [
        {"label": str(field.label), "value": _value(field, kept[name])}
        for name, field in form.fields.items()
        if kept.get(name) not in (None, "", [])
    ]


def _value(field: object, kept: object) -> str:
    choices = {str(value): str(label) for value, label in getattr(field, "choices", [])}
    values = kept if isinstance(kept, list) else [kept]
    return ", ".join(choices.get(str(value), str(value)) for value in values)


def standing_words(case: Case) -> str:
    """One sentence for the panel where no work item is open."""
    if case.state == CaseState.CLOSED:
        return _("This case is closed. Nothing is to be done.")
    if case.state == CaseState.STOPPING:
        return _("The case is being stopped: what it did is taken back.")
    if case.state == CaseState.FROZEN:
        return _("The case is paused. It goes on when another supervisor lets it.")
    if case.waiting_on == "others":
        return _("We wait for somebody outside. Nothing is to be done here.")
    return _("Received, being processed. The next step shows up here by itself.")


def saved_words(item: WorkItem) -> str:
    """ "2 answers saved" of a half-filled form; empty where nothing was saved."""
    count = sum(1 for value in (item.draft or {}).values() if value not in (None, "", []))
    return ngettext("%(count)d answer saved", "%(count)d answers saved", count) % {"count": count} if count else ""


@dataclass(frozen=True)
class Opening:
    """One look at a customer's record: who, when, and the case or the reason."""

    who: str
    why: str
    at: datetime


def openings(customer: Customer) -> list[Opening]:
    """Who looked, the newest first."""
    found = list(reading.openings_of(customer=customer)[:MOST])
    cases = Case.objects.filter(id__in=[one.case_id for one in found if one.case_id])
    references: dict[uuid.UUID | None, str] = {case.id: case.reference for case in cases}
    return [
        Opening(
            one.user.get_full_name() or one.user.get_username(),
            one.reason or _("for case %(reference)s") % {"reference": references.get(one.case_id, "")},
            one.at,
        )
        for one in found
    ]
