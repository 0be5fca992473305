"""Alarms: what a machine reported and belongs to no case, so that no incident can say it. Each is a row that a
supervisor reads and resolves; it stands among what needs attention until then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backoffice import no_card_numbers
from backoffice.actors import Actor
from backoffice.cases import catalogue
from backoffice.cases.models import Alarm
from backoffice.cases.words import of_codes
from backoffice.refusals import Conflict, Invalid, NotFound
from backoffice.staff import rights
from backoffice.staff.models import User
from backoffice.statements import insert_new

SHORTEST_REASON, LONGEST_REASON = 10, 200


def sound(*, process: str, code: str, key: str, told: Mapping[str, Any], now: datetime) -> None:
    """Opens an alarm; one with the same `key` is opened once, and never again. `code` has words among the process's
    `alarm`. `told` is sealed, and must hold no card number. `now` is UTC."""
    sealed: Any = dict(told)
    insert_new(Alarm(process=process, code=code, key=key, told=sealed, opened_at=now), unique="key")


def sound_while_none_is_open(*, process: str, code: str, told: Mapping[str, Any], now: datetime) -> None:
    """Opens an alarm unless one with this code is open: for what anybody can send, so that it neither fills the list
    nor hides behind an alarm that was resolved. Otherwise as `sound`."""
    resolved = Alarm.objects.filter(process=process, code=code).exclude(resolved_at=None).count()
    sound(process=process, code=code, key=f"{process}:{code}:{resolved}", told=told, now=now)


def open_ones() -> QuerySet[Alarm]:
    """The newest first."""
    return Alarm.objects.filter(resolved_at=None).order_by("-opened_at", "-pk")


def sentence(alarm: Alarm) -> str:
    return of_codes(catalogue.process(alarm.process), "alarm", alarm.code)


def why_not_read(by: Actor) -> str:
    """The sentence that says why this actor may not read alarms; empty when they may."""
    return rights.LOOK_INTO.why_not(by)


@rights.needs(rights.LOOK_INTO)
@transaction.atomic
def read(*, alarm_id: int, by: Actor, user: User, reason: str, now: datetime) -> Alarm:
    """The alarm with what was told, for a person who says why they need it; first it is noted who reads it. Raises
    `NotFound`, `Forbidden` for a role that may not, and `Invalid` on `reason`."""
    alarm, given = _taken(alarm_id, reason=reason)
    alarm.readings = [*alarm.readings, [str(user.public_id), now.isoformat(), given]]
    alarm.save(update_fields=["readings"])
    return alarm


@rights.needs(rights.LOOK_INTO)
@transaction.atomic
def resolve(*, alarm_id: int, by: Actor, user: User, reason: str, now: datetime) -> Alarm:
    """A person has done what was needed, and says what. What was told is not kept any longer. Raises what `read`
    raises, and `Conflict` when it was resolved already."""
    alarm, given = _taken(alarm_id, reason=reason)
    if alarm.resolved_at is not None:
        raise Conflict("resolved", _("This was resolved already. Nothing was changed."))
    alarm.resolved_at, alarm.resolved_by, alarm.reason, alarm.told = now, user, given, None
    alarm.save(update_fields=["resolved_at", "resolved_by", "reason", "told"])
    return alarm


def _taken(alarm_id: int, *, reason: str) -> tuple[Alarm, str]:
    """The alarm, locked, and the reason in one line."""
    alarm = Alarm.objects.select_for_update().filter(pk=alarm_id).first()
    if alarm is None:
        raise NotFound("unknown_alarm", _("There is no such alarm."))
    given = " ".join(reason.split())
    if not SHORTEST_REASON <= len(given) <= LONGEST_REASON:
        most = {"least": SHORTEST_REASON, "most": LONGEST_REASON}
        raise Invalid({"reason": [_("Say it in %(least)d to %(most)d characters.") % most]})
    no_card_numbers.refuse(given, field="reason")
    return alarm, given
