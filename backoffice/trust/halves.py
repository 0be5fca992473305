"""The two-half code of a visit: half B proves our visitor to the customer, then half A proves the customer to him.

Half B is shown only on the visitor's screen, and the customer types what he is shown into his portal; only then does
the portal show half A, which the customer says and the visitor types. So the company proves itself first, and a
"password" that somebody learned before the visit proves nothing. Each half is good once, for ten minutes from the
check-in, with three tries.

Neither half is at rest: both are derived by HMAC from the key of the settings, the case, the visit, the visitor and the
nonce of the row, so the right screen can show its half again and a copy of the database shows none.

`compare_b` and `use_a` join the caller's transaction and answer with a `Verdict` instead of raising, for a wrong try is
part of the visit's record: **the caller commits** whatever the verdict is, and shows its sentence afterwards.
"""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.sealed import keyed_hash
from backoffice.staff.models import User
from backoffice.trust.models import Halves

GOOD_FOR = timedelta(minutes=10)
TRIES = 3


class Stage(StrEnum):
    """How far the two are: it also says which half may be on which screen."""

    NONE = "none"
    """Not checked in, or no longer in time, or too many wrong tries."""
    VISITOR_SHOWS_B = "visitor_shows_b"
    CUSTOMER_SAYS_A = "customer_says_a"
    DONE = "done"


@dataclass(frozen=True)
class Verdict:
    """`tries_left` counts down to nought; `sentence` is for the person who typed, empty where the half was right."""

    right: bool
    tries_left: int
    sentence: str = ""


_SENTENCES: dict[str, tuple[str | Promise, str | Promise, str | Promise]] = {
    "b": (
        _("These figures do not fit. Ask the visitor to show them again, and type them once more."),
        _("These figures do not fit. You have one more try. If you are not sure, keep the door closed."),
        _("These figures do not fit. Do not let the visitor in, and ring the number on your card."),
    ),
    "a": (
        _("These figures do not fit. Ask for the figures on the page of the case, and type them once more."),
        _("These figures do not fit. You have one more try."),
        _("These figures do not fit. Stop here: say goodbye, leave, and note the result as a mismatch."),
    ),
}


def issue(*, case_id: UUID, target: str, visitor: User, now: datetime | None = None) -> Halves:
    """New halves from this check-in on, for this visitor only; those of an earlier check-in are void."""
    now = now or timezone.now()
    with transaction.atomic():
        Halves.objects.select_for_update().filter(case_id=case_id, target=target, void_at=None).update(void_at=now)
        return Halves.objects.create(
            case_id=case_id,
            target=target,
            visitor=visitor,
            nonce=secrets.token_hex(32),
            issued_at=now,
            expires_at=now + GOOD_FOR,
        )


def stage(*, case_id: UUID, target: str, now: datetime | None = None) -> Stage:
    """How far this visit's handshake is at `now`."""
    return _stage(_pair(case_id, target), now or timezone.now())


def show_b(*, case_id: UUID, target: str, visitor: User, now: datetime | None = None) -> str | None:
    """Half B for this visitor's screen, as `123 456`; None before the check-in, too late, or to another visitor."""
    pair = _pair(case_id, target)
    if pair is None or pair.visitor_id != visitor.pk or _stage(pair, now or timezone.now()) != Stage.VISITOR_SHOWS_B:
        return None
    return _grouped(_half("b", pair))


def show_a(*, case_id: UUID, target: str, now: datetime | None = None) -> str | None:
    """Half A for the customer's portal, as `123 456`; None until he has compared half B, and too late."""
    pair = _pair(case_id, target)
    if pair is None or _stage(pair, now or timezone.now()) != Stage.CUSTOMER_SAYS_A:
        return None
    return _grouped(_half("a", pair))


def compare_b(*, case_id: UUID, target: str, typed: str, now: datetime | None = None) -> Verdict:
    """What the customer sees on the visitor's screen, typed into his portal or told to the desk. The caller commits."""
    now = now or timezone.now()
    with transaction.atomic():
        pair = _pair(case_id, target, lock=True)
        if not _fits("b", pair, typed) or _stage(pair, now) != Stage.VISITOR_SHOWS_B:
            return _count("b", pair)
        assert pair is not None
        pair.b_compared_at = now
        pair.save(update_fields=["b_compared_at"])
    return Verdict(right=True, tries_left=TRIES - pair.b_failures)


def use_a(*, case_id: UUID, target: str, visitor: User, typed: str, now: datetime | None = None) -> Verdict:
    """What the customer says, typed by the visitor who checked in. The caller commits."""
    now = now or timezone.now()
    with transaction.atomic():
        pair = _pair(case_id, target, lock=True)
        his = pair is not None and pair.visitor_id == visitor.pk
        if not _fits("a", pair, typed) or not his or _stage(pair, now) != Stage.CUSTOMER_SAYS_A:
            return _count("a", pair)
        assert pair is not None
        pair.a_used_at = now
        pair.save(update_fields=["a_used_at"])
    return Verdict(right=True, tries_left=TRIES - pair.a_failures)


def _pair(case_id: UUID, target: str, *, lock: bool = False) -> Halves | None:
    pairs = Halves.objects.select_for_update() if lock else Halves.objects.all()
    return pairs.filter(case_id=case_id, target=target, void_at=None).first()


def _stage(pair: Halves | None, now: datetime) -> Stage:
    if pair is None:
        return Stage.NONE
    if pair.a_used_at is not None:
        return Stage.DONE
    if not pair.issued_at <= now < pair.expires_at or max(pair.a_failures, pair.b_failures) >= TRIES:
        return Stage.NONE
    return Stage.CUSTOMER_SAYS_A if pair.b_compared_at else Stage.VISITOR_SHOWS_B


def _half(side: str, pair: Halves) -> str:
    purpose = json.dumps(["half", side, str(pair.case_id), pair.target, pair.visitor_id])
    return f"{int(keyed_hash(purpose, pair.nonce)[:16], 16) % 10**6:06d}"


def _fits(side: str, pair: Halves | None, typed: str) -> bool:
    figures = "".join(sign for sign in typed[:32] if sign.isascii() and sign.isdigit())
    return hmac.compare_digest(_half(side, pair), figures) if pair else False


def _count(side: str, pair: Halves | None) -> Verdict:
    """The same words for wrong, late, used and another's; they depend on the number of failures only."""
    failures = 1
    if pair is not None:
        failures = min(getattr(pair, f"{side}_failures") + 1, TRIES)
        setattr(pair, f"{side}_failures", failures)
        pair.save(update_fields=[f"{side}_failures"])
    return Verdict(right=False, tries_left=TRIES - failures, sentence=str(_SENTENCES[side][failures - 1]))


def _grouped(figures: str) -> str:
    return f"{figures[:3]} {figures[3:]}"
