"""What a session has proven for one case and one action. A proof is good once, for ten minutes, in that session only.

A face grants after it has checked the evidence (a one-time code, a passkey, a TOTP); the rule that needs the proof
spends it in the transaction of its change.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.actors import Level
from backoffice.sealed import keyed_hash
from backoffice.staff.models import User
from backoffice.trust.models import Grant

GOOD_FOR = timedelta(minutes=10)


def grant(
    *, user: User, session_key: str, case_id: UUID, action: str, level: int, method: str, now: datetime | None = None
) -> Grant:
    """Notes that `user` has proven who they are, in this session and for this action; `method` is the evidence, e.g.
    "totp"."""
    if not session_key:
        raise ValueError("a grant belongs to a session")
    now = now or timezone.now()
    return Grant.objects.create(
        user=user,
        session_hash=_session(session_key),
        case_id=case_id,
        action=action,
        level=level,
        method=method,
        granted_at=now,
        expires_at=now + GOOD_FOR,
    )


def shown(
    *, user: User, session_key: str, case_id: UUID, action: str, now: datetime | None = None
) -> tuple[Level, str]:
    """The highest level that is granted and not yet spent, and its method; (`Level.REFERENCE`, "") when there is
    none."""
    found = _live(user, session_key, case_id, action, now or timezone.now()).first()
    return (Level(found.level), found.method) if found else (Level.REFERENCE, "")


def spend(
    *, user: User, session_key: str, case_id: UUID, action: str, level: int = 0, now: datetime | None = None
) -> Grant | None:
    """Uses up the highest live grant of at least `level`; None when there is none. Of two callers at once, one gets
    it."""
    now = now or timezone.now()
    with transaction.atomic():
        live = _live(user, session_key, case_id, action, now).filter(level__gte=level)
        found = live.select_for_update().first()
        if found is not None:
            found.used_at = now
            found.save(update_fields=["used_at"])
    return found


def was_spent(*, user: User, session_key: str, case_id: UUID, action: str, level: int, since: datetime) -> bool:
    """Whether this session has used up a proof of at least `level` that was granted since then (UTC): for a page that
    shows what the proof was given for."""
    used = Grant.objects.filter(user=user, session_hash=_session(session_key), case_id=case_id, action=action)
    return bool(session_key) and used.filter(level__gte=level, used_at__isnull=False, granted_at__gte=since).exists()


def _live(user: User, session_key: str, case_id: UUID, action: str, now: datetime) -> QuerySet[Grant]:
    live = Grant.objects.filter(
        user=user,
        session_hash=_session(session_key),
        case_id=case_id,
        action=action,
        used_at=None,
        granted_at__lte=now,
        expires_at__gt=now,
    )
    return live.order_by("-level", "-granted_at") if session_key else live.none()


def _session(session_key: str) -> str:
    return keyed_hash("session", session_key)
