"""The analyst's part: take a group of reports, read it, decide on it, publish the warning and withdraw it.

One decision serves the group and every case in it. Nobody decides who reported one of them (four eyes).
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice import no_card_numbers
from backoffice.actors import Actor, ActorKind, Channel, system
from backoffice.cases import timeline
from backoffice.cases.models import Case, CaseState, Part
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing, unit_of_work
from backoffice.references import tidy_reference
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound
from backoffice.staff.models import User
from backoffice.staff.rights import needs
from backoffice.suspicions import rights
from backoffice.suspicions.models import GroupState, Report, Suspicion
from backoffice.suspicions.warning import Words, published, why_not_named
from backoffice.trust.models import FraudWarning
from workflows.suspicious_contact.facts import Decided, Verdict
from workflows.suspicious_contact.spec import DECIDED

HELD_FOR = timedelta(minutes=30)


def group_of(typed: str) -> Suspicion:
    """The group of a reference, however it was typed. Raises `NotFound`."""
    reference = tidy_reference(typed)
    found = Suspicion.objects.select_related("held_by", "warning", "decided_by").filter(reference=reference or "-")
    group = found.first()
    if group is None:
        raise NotFound("unknown_suspicion", _("There is no such report."))
    return group


def is_held(group: Suspicion, *, user: User, now: datetime) -> bool:
    return group.held_by_id == user.pk and group.held_at is not None and now - group.held_at < HELD_FOR


def why_not_take(group: Suspicion, *, by: Actor, user: User, now: datetime) -> str:
    """The sentence that says why this person may not read it now; empty when they may."""
    if refusal := rights.READ.why_not(by):
        return refusal
    if group.wiped_at is not None:
        return _("The texts of these reports were deleted: their time is over.")
    if group.held_by_id not in (None, user.pk) and group.held_at and now - group.held_at < HELD_FOR:
        return _("Somebody else reads these reports now.")
    return ""


@needs(rights.READ)
@transaction.atomic
def take(*, group: Suspicion, by: Actor, user: User, now: datetime) -> Suspicion:
    """The person holds the group for half an hour, and may read it; that is noted. `now` is UTC. Raises `Conflict`."""
    locked = _locked(group)
    if refusal := why_not_take(locked, by=by, user=user, now=now):
        raise Conflict("cannot_take", refusal)
    if not is_held(locked, user=user, now=now):
        locked.note("taken", by=by.id, at=now)
    locked.held_by, locked.held_at = user, now
    locked.save(update_fields=["held_by", "held_at", "history"])
    return locked


@needs(rights.READ)
@transaction.atomic
def give_back(*, group: Suspicion, by: Actor, user: User, now: datetime) -> Suspicion:
    """The group waits for anybody again. Raises `Forbidden` for who does not hold it."""
    locked = _locked(group)
    _check_held(locked, user=user)
    locked.held_by = locked.held_at = None
    locked.note("given_back", by=by.id, at=now)
    locked.save(update_fields=["held_by", "held_at", "history"])
    return locked


def why_not_decide(group: Suspicion, *, by: Actor, user: User) -> str:
    """The sentence that says why this person may not decide on the group; empty when they may."""
    if refusal := rights.DECIDE.why_not(by):
        return refusal
    if group.state != GroupState.WAITING:
        return _("These reports were decided on already.")
    families = Report.objects.filter(group=group, case__isnull=False).values("case__root_id", "case_id")
    roots = {row["case__root_id"] or row["case_id"] for row in families}
    if Report.objects.filter(group=group, contact__by=user).exists() or (
        Part.objects.filter(root_id__in=roots, user=user).exists()
    ):
        return _("You reported one of these contacts, or had a part in its case; another person must decide.")
    return ""


@needs(rights.DECIDE)
def clear(*, group: Suspicion, reason: str, by: Actor, user: User, now: datetime) -> Suspicion:
    """It was harmless: what its reports paused goes on. Raises `Invalid` on `reason`, `Conflict`, `Forbidden`."""
    return _decide(group, Verdict.CLEARED, reason=reason, by=by, user=user, now=now, words=None)


@needs(rights.DECIDE)
def confirm(*, group: Suspicion, reason: str, words: Words | None, by: Actor, user: User, now: datetime) -> Suspicion:
    """It is fraud. With `words` a warning is published in the same transaction, without them none. `now` is UTC. Raises
    `Invalid` on a field of the warning or on `reason`, `Conflict`, `Forbidden`."""
    return _decide(group, Verdict.CONFIRMED, reason=reason, by=by, user=user, now=now, words=words)


@needs(rights.WITHDRAW_WARNING)
@transaction.atomic
def withdraw_warning(*, group: Suspicion, reason: str, by: Actor, user: User, now: datetime) -> FraudWarning:
    """The warning is shown no more. Raises `Invalid` on `reason`, `Conflict` where there is none in force."""
    locked = _locked(group)
    warning = locked.warning
    if warning is None or warning.withdrawn_at is not None or warning.until <= now:
        raise Conflict("no_warning", _("No warning of these reports is shown now."))
    warning.why_withdrawn = _checked_reason(reason)
    warning.withdrawn_at, warning.withdrawn_by = now, user
    warning.save(update_fields=["why_withdrawn", "withdrawn_at", "withdrawn_by"])
    locked.note("withdrawn", by=by.id, at=now)
    locked.save(update_fields=["history"])
    return warning


def _decide(
    group: Suspicion,
    verdict: Verdict,
    *,
    reason: str,
    by: Actor,
    user: User,
    now: datetime,
    words: Words | None,
) -> Suspicion:
    """The group first, then each of its cases in one order; their processes do the rest."""
    said = _checked_reason(reason)
    if fault := why_not_named(group, said):
        raise Invalid({"reason": [fault]})
    with unit_of_work():
        locked = _locked(group)
        if refusal := why_not_decide(locked, by=by, user=user):
            raise Conflict("cannot_decide", refusal)
        _check_held(locked, user=user)
        if words is not None:
            locked.warning = published(locked, words, user=user, now=now)
        locked.state = GroupState(verdict.value)
        locked.decided_at, locked.decided_by, locked.reason = now, user, said
        locked.held_by = locked.held_at = None
        locked.note(verdict.value, by=by.id, at=now)
        locked.save()
        for case_id in _open_cases(locked):
            with changing(case_id) as case:
                if case.state not in (CaseState.CLOSED, CaseState.STOPPING):
                    data = {"verdict": verdict.value, "group": locked.reference}
                    timeline.note(case, "suspicious.decided", by=by, data=data, reason=said, at=now)
                    signal(case, DECIDED, Decided(verdict=verdict))
    return locked


def cleared_by(case: Case) -> tuple[Actor, str]:
    """Who found harmless what this case reports, with the right that they had then, and why: what it paused goes on in
    their name, also when they left meanwhile. The process itself, and the code of a reason, where nobody did."""
    group = Suspicion.objects.filter(reports__case=case, state=GroupState.CLEARED).select_related("decided_by").first()
    if group is None or group.decided_by is None:
        return system(), "looked_into"
    roles = frozenset(rights.DECIDE.roles)
    return Actor(ActorKind.STAFF, str(group.decided_by.public_id), Channel.DESK, roles=roles), group.reason


def _open_cases(group: Suspicion) -> list[uuid.UUID]:
    cases = Case.objects.filter(suspicious_reports__group=group).exclude(state=CaseState.CLOSED)
    return list(cases.order_by("id").values_list("id", flat=True).distinct())


def _checked_reason(reason: str) -> str:
    said = " ".join(reason.split())
    if len(said) < 5:
        raise Invalid({"reason": [_("Say why, for those who look at it later.")]})
    no_card_numbers.refuse(said, field="reason")
    return said[:300]


def _locked(group: Suspicion) -> Suspicion:
    found = Suspicion.objects.select_for_update(no_key=True, of=("self",)).select_related("warning")
    return found.get(pk=group.pk)


def _check_held(locked: Suspicion, *, user: User) -> None:
    """Whoever took it and writes for longer than half an hour may still finish, unless a colleague took it meanwhile:
    what they typed is not lost."""
    if locked.held_by_id is None:
        raise Forbidden("not_held", _("Take the reports first: only who holds them may do this."))
    if locked.held_by_id != user.pk:
        raise Forbidden("held_by_another", _("Somebody else has taken these reports. Nothing was changed."))
