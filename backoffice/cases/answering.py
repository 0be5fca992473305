"""Answering a work item: the same function for a click in the admin, the portal, the field page, and a JSON call."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice import no_card_numbers
from backoffice.actors import Actor, ActorKind, Level
from backoffice.cases import catalogue, forms, keeping_from, meanwhile, permissions, timeline
from backoffice.cases.catalogue import item_kind
from backoffice.cases.forms import errors_by_field, plain
from backoffice.cases.models import (
    Case,
    CaseState,
    CommandKind,
    ItemState,
    Part,
    PerformerKind,
    WaitingOn,
    WorkItem,
)
from backoffice.cases.outbox import order
from backoffice.cases.unit_of_work import changing_item
from backoffice.refusals import Conflict, Forbidden, Invalid, NeedsProof, NotFound
from backoffice.staff import rights
from backoffice.staff.models import User
from backoffice.statements import update
from backoffice.trust import assurance, codes
from workflows.base.contracts import to_wire


@dataclass(frozen=True)
class Receipt:
    """What an answer did. `again` when the item had this answer already, and nothing was written now."""

    item: WorkItem
    outcome: str
    again: bool = False


@dataclass(frozen=True)
class Session:
    """The signed-in session that answers, for the proofs that are bound to it."""

    user: User
    key: str


@rights.needs(rights.ANSWER)
def answer(
    *,
    item_id: uuid.UUID,
    by: Actor,
    data: Mapping[str, Any],
    session: Session | None = None,
    now: datetime | None = None,
    seen: int | None = None,
) -> Receipt:
    """Checks and takes an answer, and orders the process to go on, in one transaction under the case's lock.

    Answering again gives the first answer's receipt to whoever gave it. `seen` is the newest event that the answerer's
    page was made from (`meanwhile.newest`); None where nobody looks at a page. Raises `NotFound` (not yours to know
    of), `Conflict` (closed, expired, frozen, claimed by another, `changed` after what was seen), `NeedsProof`,
    `Forbidden` (four eyes), `Invalid` (all errors of the form at once), `CodeRefused`. Then nothing is written but a
    wrong code's failure, and a proof given for it stays good.
    """
    now = now or timezone.now()
    with codes.counting_failures(now):
        return _answer(item_id=item_id, by=by, data=data, session=session, now=now, seen=seen)


def _answer(
    *,
    item_id: uuid.UUID,
    by: Actor,
    data: Mapping[str, Any],
    session: Session | None,
    now: datetime,
    seen: int | None,
) -> Receipt:
    with changing_item(item_id, unknown_item()) as (case, item):
        user = _user_of(by, session)
        check_performer(case, item, by=by, user=user)
        if item.state == ItemState.ANSWERED and item.answered_by_id == (user.id if user else None):
            return Receipt(item, item.outcome, again=True)
        check_open(case, item)
        if seen is not None and meanwhile.since(case, seen=seen, by=by):
            raise Conflict("changed", _("This case changed while you had the page open. Nothing was sent yet."))
        by = _proven(item, by=by, session=session, now=now)
        _take_part(case, item, user)
        accepted = _accept(case, item, by=by, data=data, now=now)
        if accepted.refused is None:
            _write(case, item, accepted, by=by, user=user, now=now)
            return Receipt(item, item.outcome)
    raise accepted.refused


def unknown_item() -> NotFound:
    return NotFound("unknown_item", _("There is no such work item."))


def check_performer(case: Case, item: WorkItem, *, by: Actor, user: User | None) -> None:
    """Raises `NotFound` where the item is not this actor's to know of, `Conflict` where another holds it."""
    if item.performer == PerformerKind.CUSTOMER:
        if by.kind is not ActorKind.CUSTOMER or by.id != str(case.customer.public_id):
            raise unknown_item()
        return
    if item.performer == PerformerKind.PARTY:
        if by.kind is not ActorKind.CUSTOMER or item.party is None or by.id != str(item.party.public_id):
            raise unknown_item()
        return
    if by.kind is not ActorKind.STAFF or user is None or by.id != str(user.public_id):
        raise unknown_item()
    if keeping_from.is_kept_from(case, user):
        raise unknown_item()
    if item.performer == PerformerKind.PERSON and item.holder_id != user.id:
        raise unknown_item()
    if item.performer == PerformerKind.ROLE and not permissions.may_do(item, roles=by.roles):
        raise Forbidden("not_your_role", _("This is for the role “%(role)s”.") % {"role": item.role})
    if item.holder_id not in (None, user.id):
        raise Conflict("held_by_another", _("A colleague has claimed this. Ask for it to be handed over to you."))


def check_open(case: Case, item: WorkItem) -> None:
    """Raises `Conflict` with what happened and what now, when the item takes no answer any more. In a case that is
    being stopped, an item that is open was opened by the taking back itself, and needs its answer."""
    if item.state == ItemState.ANSWERED:
        raise Conflict("already_answered", _("This was answered already. Nothing was changed."))
    if item.state == ItemState.EXPIRED:
        raise Conflict("expired", _("The time to answer this ran out. Look at the case for what happens now."))
    if item.state == ItemState.WITHDRAWN:
        raise Conflict("withdrawn", _("This is no longer needed. Nothing was changed."))
    if case.state == CaseState.FROZEN and item_kind(case.process, item.kind).while_frozen:
        return
    if case.state == CaseState.FROZEN:
        raise Conflict("frozen", _("This case is paused while we look into something. Nothing was changed."))
    if case.state == CaseState.CLOSED:
        raise Conflict("closed", _("This case is closed or being stopped. Nothing was changed."))


def _user_of(by: Actor, session: Session | None) -> User | None:
    if session is not None:
        return session.user
    if by.kind is ActorKind.STAFF:
        return User.objects.filter(public_id=by.id).first()
    return None


def _proven(item: WorkItem, *, by: Actor, session: Session | None, now: datetime) -> Actor:
    """The actor with the proof that this item needs; the proof that the session gave for it is spent."""
    if by.kind is not ActorKind.CUSTOMER or item.level <= by.level:
        return by
    if item.level >= Level.CONFIRMED and session is not None:
        grant = assurance.spend(
            user=session.user, session_key=session.key, case_id=item.case_id, action=item.step, now=now
        )
        if grant is not None and grant.level >= item.level:
            return by.with_proof(Level(grant.level), grant.method)
    raise NeedsProof(_("First confirm that it is you, for this step of this case."), level=item.level)


def _take_part(case: Case, item: WorkItem, user: User | None) -> None:
    """Four eyes: the unique constraint over the family decides, whatever the route."""
    if not item.part or user is None:
        return
    mine = Part(root_id=case.root_id_or_own, user=user, part=item.part)
    Part.objects.bulk_create([mine], ignore_conflicts=True)
    held = Part.objects.get(root_id=case.root_id_or_own, user=user)
    if held.part != item.part:
        raise Forbidden("four_eyes", four_eyes_sentence(held.part))


def four_eyes_sentence(part: str) -> str:
    """Why who has this part in a family of cases may take no other, in the words of the process that declares it."""
    if part == "requester":
        return _("You opened this case; another person must do this.")
    kinds = (kind for process in catalogue.all_processes() for kind in process.spec.kinds)
    declared = next((kind.part_words for kind in kinds if kind.part == part and kind.part_words), "")
    return _(declared) if declared else _("You have another part in this case; another person must do this.")


def _accept(case: Case, item: WorkItem, *, by: Actor, data: Mapping[str, Any], now: datetime) -> forms.Accepted:
    answering = catalogue.answering(item)
    form = answering.form_for(item, by=by, data=data)
    if not form.is_valid():
        raise Invalid(errors_by_field(form))
    accepted = answering.accept(forms.Answer(case, item, form.cleaned_data, by, now))
    if accepted.keep is None:
        accepted = replace(accepted, keep=plain(form.cleaned_data))
    return accepted


def _write(
    case: Case, item: WorkItem, accepted: forms.Accepted, *, by: Actor, user: User | None, now: datetime
) -> None:
    item.state, item.outcome, item.answer = ItemState.ANSWERED, accepted.outcome, accepted.keep
    item.answered_at, item.answered_by, item.draft = now, user, None
    update(item, ("state", "outcome", "answer", "answered_at", "answered_by", "draft"))
    kind = "item.answered_by_customer" if by.kind is ActorKind.CUSTOMER else "item.answered"
    told = {"kind": item.kind, "outcome": accepted.outcome, **accepted.data}
    timeline.note(case, kind, by=by, data=told, reason=accepted.reason, at=now)
    if not item_kind(case.process, item.kind).for_story:
        return
    case.waiting_on, case.waiting_until = WaitingOn.US, None
    order(
        case,
        CommandKind.SIGNAL,
        signal="answered",
        payload={
            "step": item.step,
            "outcome": accepted.outcome,
            "by": by.id if by.kind is ActorKind.STAFF else "",
            "part": item.part,
            "facts": to_wire(accepted.facts),
        },
    )


@rights.needs(rights.ANSWER)
def save_draft(*, item_id: uuid.UUID, by: Actor, data: Mapping[str, Any], now: datetime | None = None) -> WorkItem:
    """Keeps a half-filled form, sealed; it is not validated, but no card number is kept. Raises as `answer` does for
    who and when."""
    now, kept = now or timezone.now(), no_card_numbers.without(data)
    with changing_item(item_id, unknown_item()) as (case, item):
        check_performer(case, item, by=by, user=_user_of(by, None))
        check_open(case, item)
        first = item.draft is None
        item.draft, item.draft_at = kept, now
        update(item, ("draft", "draft_at"))
        if first:
            timeline.note(case, "item.draft_saved", by=by, data={"kind": item.kind}, at=now)
    return item
