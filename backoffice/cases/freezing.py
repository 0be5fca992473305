"""Pausing a family of cases while somebody looks into a suspicion. Whoever works with cases may pause it. Only a
supervisor who did not pause it may let it go on."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Collection

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases import catalogue, keeping_from, timeline
from backoffice.cases.items import prolong
from backoffice.cases.models import Case, CaseState, CommandKind, Event
from backoffice.cases.outbox import order
from backoffice.cases.unit_of_work import changing
from backoffice.customers.models import Customer
from backoffice.messages.telling import tell
from backoffice.refusals import Conflict, Forbidden
from backoffice.staff import rights

_FROZEN = ("case.frozen", "case.frozen_too")
"""The events that say why."""


def why_not_freeze(case: Case, *, by: Actor) -> str:
    """The sentence that says why this actor may not pause the case now; empty when they may."""
    if refusal := rights.FREEZE.why_not(by) or keeping_from.why_not(case, by=by):
        return refusal
    if case.state in (CaseState.CLOSED, CaseState.STOPPING):
        return _("This case is closed or being stopped; there is nothing to freeze.")
    return str(catalogue.process(case.process).never_frozen)


@rights.needs(rights.FREEZE)
def freeze(*, case_id: uuid.UUID, by: Actor, reason: str) -> Case:
    """Freezes the case, the one above it and those under it. Frozen twice is frozen once, and another cause is noted; a
    closed case stays closed.

    The customer is told neutrally. Raises `Forbidden` for a role that may not, `Conflict` when the case is closed or
    being stopped.
    """
    with changing(case_id) as case:
        if refusal := why_not_freeze(case, by=by):
            raise Conflict("cannot_freeze", refusal)
        for relative_id in _family(case):
            with changing(relative_id) as relative:
                if relative.state == CaseState.OPEN:
                    _freeze(relative, by=by, reason=reason)
                elif relative.state == CaseState.FROZEN and reason not in causes_of(relative):
                    timeline.note(relative, "case.frozen_too", by=by, reason=reason)
    return case


@rights.needs(rights.FREEZE)
def freeze_what_is_sensitive(*, customer: Customer, by: Actor, reason: str, aside: Collection[uuid.UUID] = ()) -> int:
    """Freezes each open family of cases by which something of the customer's may change; gives how many. `reason` is a
    code, and is noted as a further cause of those that are frozen already. `aside` are cases whose families are left
    alone.

    For the customer's own word, proven in their own session, that somebody acts in their name, and for what a telephone
    company signs; what anybody can send or say is no reason, because it would lock the customer out, unless they can
    lift it themselves. Within the unit of work of a case that is harmless itself, or of none."""
    found = Case.objects.filter(customer=customer, root=None, state__in=(CaseState.OPEN, CaseState.FROZEN))
    left = {one.root_id_or_own for one in Case.objects.filter(pk__in=aside)} if aside else set()
    sensitive = [one.id for one in found.order_by("id") if not catalogue.process(one.process).spec.harmless]
    frozen = 0
    for case_id in (one for one in sensitive if one not in left):
        with changing(case_id) as case:
            was_open = case.state == CaseState.OPEN
            if was_open or case.state == CaseState.FROZEN:
                freeze(case_id=case_id, by=by, reason=reason)
                frozen += was_open
    return frozen


def causes_of(case: Case) -> frozenset[str]:
    """Why a case is frozen: the reasons since it last went on; empty for one that is not frozen."""
    if case.state != CaseState.FROZEN:
        return frozenset()
    kinds = (*_FROZEN, "case.unfrozen")
    written = Event.objects.filter(case=case, kind__in=kinds).order_by("-number").values_list("kind", "reason")
    not_yet = [(one.kind, one.reason) for one in reversed(case.noted) if one.kind in kinds]
    since = itertools.takewhile(lambda one: one[0] != "case.unfrozen", (*not_yet, *written))
    return frozenset(reason for _kind, reason in since)


def let_go_on(case: Case, *, by: Actor, reason: str) -> None:
    """Lets the family of a case go on that is frozen, for a rule that has checked who may: `reason` goes to the
    timeline."""
    for relative_id in _family(case):
        with changing(relative_id) as relative:
            if relative.state == CaseState.FROZEN:
                _unfreeze(relative, by=by, reason=reason)


def why_not_unfreeze(case: Case, *, by: Actor) -> str:
    """The sentence that says why this actor may not let the case go on; empty when they may."""
    if refusal := rights.UNFREEZE.why_not(by) or keeping_from.why_not(case, by=by):
        return refusal
    if case.state != CaseState.FROZEN:
        return _("This case is not frozen.")
    since = Event.objects.filter(case=case, kind="case.frozen").order_by("-number").values("number")[:1]
    mine = Event.objects.filter(case=case, kind__in=_FROZEN, actor_kind=ActorKind.STAFF, actor_id=by.id)
    if mine.filter(number__gte=since).exists():
        return _("You froze this case; another supervisor must unfreeze it.")
    return ""


@rights.needs(rights.UNFREEZE)
def unfreeze(*, case_id: uuid.UUID, by: Actor, reason: str) -> Case:
    """Lets the family go on. Due dates move by the time for which it was paused."""
    with changing(case_id) as case:
        refusal = why_not_unfreeze(case, by=by)
        if refusal:
            raise (Conflict if case.state != CaseState.FROZEN else Forbidden)("cannot_unfreeze", refusal)
        let_go_on(case, by=by, reason=reason)
    return case


def _family(case: Case) -> list[uuid.UUID]:
    root = case.root_id_or_own
    return [root, *Case.objects.filter(root_id=root).order_by("id").values_list("id", flat=True)]


def _freeze(case: Case, *, by: Actor, reason: str) -> None:
    now = timezone.now()
    case.state, case.frozen_at = CaseState.FROZEN, now
    timeline.note(case, "case.frozen", by=by, reason=reason, at=now)
    if case.root_id is None:
        _tell(case, "case_frozen", by=by)
    order(case, CommandKind.SIGNAL, signal="freeze", payload={"reason": "suspicion"})
    catalogue.process(case.process).on_freeze(case, now)


def _unfreeze(case: Case, *, by: Actor, reason: str) -> None:
    now = timezone.now()
    if case.frozen_at:
        prolong(case, by_seconds=(now - case.frozen_at).total_seconds())
    case.state, case.frozen_at = CaseState.OPEN, None
    timeline.note(case, "case.unfrozen", by=by, reason=reason, at=now)
    if case.root_id is None:
        _tell(case, "case_unfrozen", by=by)
    order(case, CommandKind.SIGNAL, signal="unfreeze", payload={"reason": "cleared"})
    catalogue.process(case.process).on_unfreeze(case, now)


def _tell(case: Case, template: str, *, by: Actor) -> None:
    tell(
        customer=case.customer,
        case_id=case.id,
        case_reference=case.reference,
        template=template,
        context={},
        channels=("mail",),
        by=by,
        now=timezone.now(),
    )
