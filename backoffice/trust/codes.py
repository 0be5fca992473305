"""One-time codes: bound to case, action and target, kept as a keyed hash, good once, blocked after five failures.

Sources: NIST SP 800-63B (random, short-lived, single use, limited guessing) and PSD2 RTS art. 4 and 5 (a warning before
the block, never which element was wrong, bound to what it confirms).

Three ways to use a code:

- `use` commits by itself, a success as well as a failure, so it must not be called inside a transaction (Django raises
  `RuntimeError` there: a rolled-back failure would be a free guess). A face calls it before `assurance.grant`.
- `use_within` is for a rule whose change must stand or fall with the code. A failure then rolls back with the rule;
  the face wraps the call in `counting_failures`, which counts it afterwards in a transaction of its own.
- `try_within` is for a rule that writes down a wrong try too: it returns whether the code was right, and the caller
  commits whatever that is.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.references import ALPHABET, characters_of
from backoffice.refusals import Refused
from backoffice.sealed import keyed_hash
from backoffice.trust.models import Code

DIGITS = "0123456789"
MOST_FAILURES_A_DAY = 20
"""Counted for one case and action over all its codes, so that new codes do not give endless new guesses."""


class CodeRefused(Refused):
    """The code is wrong, late, used, blocked or for another case; the words are the same for each."""

    status = 400

    def __init__(self, *, case_id: UUID, action: str, target: str, sentence: str = "") -> None:
        super().__init__("code_refused", sentence or str(REFUSED), field="code")
        self.case_id, self.action, self.target = case_id, action, target


class NoMoreCodes(Refused):
    """Too many wrong codes were typed for this case and action today: no new code is given."""

    status = 429


REFUSED = _("This code does not work here. Check that you typed the newest code, for this very step.")
LAST_TRY = _(
    "This code does not work here. Check that you typed the newest code, for this very step. "
    "You have one more try; after that the code is blocked."
)
BLOCKED = _("This code does not work here, and it is now blocked. Ask for a new one.")
NO_MORE = _("Too many wrong codes were typed for this today. We give no new code until tomorrow; you can call us.")


def issue(
    *,
    case_id: UUID,
    action: str,
    target: str = "",
    minutes: int = 10,
    length: int = 8,
    digits: bool = False,
    tries: int = 5,
    clear: str = "",
    now: datetime | None = None,
) -> tuple[Code, str]:
    """Makes a new code, and returns it with its clear text, which nobody can get again. An older code for the same
    action is void from now on. `clear` is the text where the caller derives it (`derived`), and so can show it again.

    Raises `NoMoreCodes` after `MOST_FAILURES_A_DAY` failures.
    """
    now = now or timezone.now()
    alphabet = DIGITS if digits else ALPHABET
    clear = clear or "".join(secrets.choice(alphabet) for _position in range(length))
    with transaction.atomic():
        _one_at_a_time(case_id, action, target)
        _refuse_endless_guessing(case_id, action, now)
        Code.objects.filter(case_id=case_id, action=action, target=target, used_at=None, void_at=None).update(
            void_at=now
        )
        code = Code.objects.create(
            case_id=case_id,
            action=action,
            target=target,
            hashed=_hashed(case_id, action, target, clear),
            issued_at=now,
            expires_at=now + timedelta(minutes=minutes),
            allowed_failures=tries,
        )
    return code, clear


def use(*, case_id: UUID, action: str, target: str = "", typed: str, now: datetime | None = None) -> Code:
    """Uses the code up, or counts the failure, and commits in both cases. Must not be called inside a transaction.

    Raises `CodeRefused`.
    """
    with transaction.atomic(durable=True):
        code, sentence = _try(case_id, action, target, typed, now or timezone.now())
    if code is None:
        raise CodeRefused(case_id=case_id, action=action, target=target, sentence=sentence)
    return code


def use_within(*, case_id: UUID, action: str, target: str = "", typed: str, now: datetime | None = None) -> Code:
    """Uses the code up in the caller's transaction. The caller's face wraps the whole call in `counting_failures`.

    Raises `CodeRefused`, and does not count.
    """
    with transaction.atomic():
        code, _sentence = _try(case_id, action, target, typed, now or timezone.now(), count=False)
    if code is None:
        raise CodeRefused(case_id=case_id, action=action, target=target)
    return code


def check_within(*, case_id: UUID, action: str, target: str = "", typed: str, now: datetime | None = None) -> None:
    """As `use_within`, for a code that is right and stays good: the step that it is for comes later."""
    with transaction.atomic():
        code, _sentence = _try(case_id, action, target, typed, now or timezone.now(), count=False, use=False)
    if code is None:
        raise CodeRefused(case_id=case_id, action=action, target=target)


def void(*, case_id: UUID, action: str, now: datetime) -> None:
    """No code of this case and action that was made until now is good any more, whatever its target."""
    Code.objects.filter(case_id=case_id, action=action, used_at=None, void_at=None).update(void_at=now)


def try_within(*, case_id: UUID, action: str, target: str = "", typed: str, now: datetime | None = None) -> Code | None:
    """Uses the code up, or counts the failure and returns None, in the caller's transaction. The caller commits in
    both cases."""
    with transaction.atomic():
        code, _sentence = _try(case_id, action, target, typed, now or timezone.now())
    return code


def derived(*, nonce: str, length: int = 8, **bound_to: str) -> str:
    """The text of a code that is stored nowhere, and yet can be shown again on its own screen: made by HMAC of a random
    `nonce` of the caller's row and of what the code is bound to."""
    number = int(keyed_hash(json.dumps(["derived code", sorted(bound_to.items())]), nonce), 16)
    return "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(length))


@contextmanager
def counting_failures(now: datetime | None = None) -> Iterator[None]:
    """Counts the failure of a `use_within` after its transaction is rolled back; raises it again in the right words."""
    try:
        yield
    except CodeRefused as refused:
        raise note_failure(
            case_id=refused.case_id, action=refused.action, target=refused.target, now=now or timezone.now()
        ) from None


def note_failure(*, case_id: UUID, action: str, target: str, now: datetime) -> CodeRefused:
    """Counts one failure in a transaction of its own and gives the refusal with its words."""
    with transaction.atomic(durable=True):
        code = _newest(case_id, action, target)
        sentence = _count(code) if code else str(REFUSED)
    return CodeRefused(case_id=case_id, action=action, target=target, sentence=sentence)


def in_groups(clear: str) -> str:
    """A clear code as it is shown and read out: `7KQ4-MX2R`, or `123 456` for digits."""
    size, hyphen = (3, " ") if clear.isdigit() else (4, "-")
    return hyphen.join(clear[i : i + size] for i in range(0, len(clear), size))


def _try(
    case_id: UUID, action: str, target: str, typed: str, now: datetime, *, count: bool = True, use: bool = True
) -> tuple[Code | None, str]:
    """Tries the code under the row's lock: of several right answers at once, only the first finds it unused."""
    code = _newest(case_id, action, target)
    right = hmac.compare_digest(code.hashed if code else "", _hashed(case_id, action, target, typed))
    if code is None:
        return None, str(REFUSED)
    live = code.used_at is None and now < code.expires_at and code.failures < code.allowed_failures
    if right and live:
        if use:
            code.used_at = now
            code.save(update_fields=["used_at"])
        return code, ""
    return None, _count(code) if count else str(REFUSED)


def _newest(case_id: UUID, action: str, target: str) -> Code | None:
    """The latest code, locked. One that is used or too late still counts failures, so that it answers like a live
    one."""
    codes = Code.objects.select_for_update().filter(case_id=case_id, action=action, target=target, void_at=None)
    return codes.order_by("-issued_at").first()


def _count(code: Code) -> str:
    code.failures = min(code.failures + 1, 32_000)
    code.save(update_fields=["failures"])
    left = code.allowed_failures - code.failures
    return str(REFUSED if left > 1 else LAST_TRY if left == 1 else BLOCKED)


def _hashed(case_id: UUID, action: str, target: str, typed: str) -> str:
    characters = characters_of(typed)
    return keyed_hash(json.dumps(["code", str(case_id), action, target]), characters)


def _one_at_a_time(case_id: UUID, action: str, target: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"code {case_id} {action} {target}"])


def _refuse_endless_guessing(case_id: UUID, action: str, now: datetime) -> None:
    today = Code.objects.filter(case_id=case_id, action=action, issued_at__gt=now - timedelta(days=1))
    if (today.aggregate(total=Sum("failures"))["total"] or 0) >= MOST_FAILURES_A_DAY:
        raise NoMoreCodes("no_more_codes", str(NO_MORE))
