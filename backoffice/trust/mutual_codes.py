"""The mutual code: half B proves our agent, at the door or on the telephone, to the customer, then half A proves the
customer to the agent.

Half B is shown only on the agent's screen, and the customer types it into the portal. Only then does the portal show
half A, which the customer says and the agent types. So the company proves itself first, and a "password" that somebody
learned before the visit proves nothing. Each half is good once, for ten minutes from its issue, with three tries.

Neither half is stored. Both are derived by HMAC from a key in the settings, the case, the target, the agent and the
row's nonce. So the right screen can show its half again, and a copy of the database contains none.

`compare_b` and `use_a` join the caller's transaction and return a `Verdict` instead of raising, because a wrong try
must be recorded: **the caller commits** whatever the verdict is, and shows its sentence afterwards. Fewer or more than
six digits are a slip of the finger and no try: they raise `Invalid` on `half`, and nothing is counted.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from backoffice.refusals import Invalid
from backoffice.sealed import keyed_hash
from backoffice.staff.models import User
from backoffice.text import digits_of
from backoffice.trust.models import MutualCode

GOOD_FOR = timedelta(minutes=10)
TRIES = 3
DIGITS = 6


class Stage(StrEnum):
    """How far the two have got; this also decides which half may be on which screen."""

    NONE = "none"
    """Not issued, too late, or too many wrong tries."""
    AGENT_SHOWS_B = "agent_shows_b"
    CUSTOMER_SAYS_A = "customer_says_a"
    DONE = "done"


@dataclass(frozen=True)
class Verdict:
    """`tries_left` counts down to zero. `sentence` is for the person who typed; it is empty when the half was right."""

    right: bool
    tries_left: int
    sentence: str = ""


AT_THE_DOOR: Sequence[str | Promise] = (
    _("These digits do not fit. Ask to see them again, and type them once more."),
    _("These digits do not fit. You have one more try. If you are not sure, keep the door closed."),
    _("These digits do not fit. Do not let anybody in, and call us: %(phone)s."),
)
_FROM_CUSTOMER: Sequence[str | Promise] = (
    _("These digits do not fit. Ask for the digits on the page of the case, and type them once more."),
    _("These digits do not fit. You have one more try."),
    _("These digits do not fit. Stop here: say goodbye and leave. The visit is over."),
)


def issue(*, case_id: UUID, target: str, agent: User, now: datetime | None = None) -> MutualCode:
    """Issues a new code, for this agent only. An earlier code for the same target is void."""
    now = now or timezone.now()
    with transaction.atomic():
        MutualCode.objects.select_for_update().filter(case_id=case_id, target=target, void_at=None).update(void_at=now)
        return MutualCode.objects.create(
            case_id=case_id,
            target=target,
            agent=agent,
            nonce=secrets.token_hex(32),
            issued_at=now,
            expires_at=now + GOOD_FOR,
        )


def stage(*, case_id: UUID, target: str, now: datetime | None = None) -> Stage:
    """How far the two have got at `now`."""
    return _stage(_code(case_id, target), now or timezone.now())


def show_b(*, case_id: UUID, target: str, agent: User, now: datetime | None = None) -> str | None:
    """Half B for this agent's screen, as `123 456`. None before it is issued, when it is too late, and for another
    agent."""
    code = _code(case_id, target)
    if code is None or code.agent_id != agent.pk or _stage(code, now or timezone.now()) != Stage.AGENT_SHOWS_B:
        return None
    return _grouped(_half("b", code))


def show_a(*, case_id: UUID, target: str, now: datetime | None = None) -> str | None:
    """Half A for the customer's portal, as `123 456`. None until they have compared half B, and when it is too late."""
    code = _code(case_id, target)
    if code is None or _stage(code, now or timezone.now()) != Stage.CUSTOMER_SAYS_A:
        return None
    return _grouped(_half("a", code))


def compare_b(
    *,
    case_id: UUID,
    target: str,
    typed: str,
    now: datetime | None = None,
    sentences: Sequence[str | Promise] = AT_THE_DOOR,
) -> Verdict:
    """Checks what the customer learns from the agent and typed into the portal or told the desk. The caller commits.
    `sentences` say what to do after the first, the second and the third wrong try.

    Raises `Invalid` on `half` unless it is six digits.
    """
    now, digits = now or timezone.now(), _six_digits(typed)
    with transaction.atomic():
        code = _code(case_id, target, lock=True)
        if not _fits("b", code, digits) or _stage(code, now) != Stage.AGENT_SHOWS_B:
            return _count("b", code, sentences)
        assert code is not None
        code.b_compared_at = now
        code.save(update_fields=["b_compared_at"])
    return Verdict(right=True, tries_left=TRIES - code.b_failures)


def use_a(*, case_id: UUID, target: str, agent: User, typed: str, now: datetime | None = None) -> Verdict:
    """Checks what the customer said, as typed by the agent for whom the code was issued. The caller commits. Raises
    `Invalid` on `half` unless it is six digits."""
    now, digits = now or timezone.now(), _six_digits(typed)
    with transaction.atomic():
        code = _code(case_id, target, lock=True)
        own = code is not None and code.agent_id == agent.pk
        if not _fits("a", code, digits) or not own or _stage(code, now) != Stage.CUSTOMER_SAYS_A:
            return _count("a", code, _FROM_CUSTOMER)
        assert code is not None
        code.a_used_at = now
        code.save(update_fields=["a_used_at"])
    return Verdict(right=True, tries_left=TRIES - code.a_failures)


def is_spent(*, case_id: UUID, target: str) -> bool:
    """Whether the last code of this target was guessed at too often."""
    code = _code(case_id, target)
    return code is not None and max(code.a_failures, code.b_failures) >= TRIES


def _code(case_id: UUID, target: str, *, lock: bool = False) -> MutualCode | None:
    codes = MutualCode.objects.select_for_update() if lock else MutualCode.objects.all()
    return codes.filter(case_id=case_id, target=target, void_at=None).first()


def _stage(code: MutualCode | None, now: datetime) -> Stage:
    if code is None:
        return Stage.NONE
    if code.a_used_at is not None:
        return Stage.DONE
    if not code.issued_at <= now < code.expires_at or max(code.a_failures, code.b_failures) >= TRIES:
        return Stage.NONE
    return Stage.CUSTOMER_SAYS_A if code.b_compared_at else Stage.AGENT_SHOWS_B


def _half(side: str, code: MutualCode) -> str:
    purpose = json.dumps(["half", side, str(code.case_id), code.target, code.agent_id])
    return f"{int(keyed_hash(purpose, code.nonce)[:16], 16) % 10**DIGITS:0{DIGITS}d}"


def _six_digits(typed: str) -> str:
    digits = digits_of(typed[:100])
    if len(digits) == DIGITS:
        return digits
    said = ngettext(
        "Six digits are needed, and this is %(number)d. It was not counted as a try.",
        "Six digits are needed, and these are %(number)d. It was not counted as a try.",
        len(digits),
    )
    raise Invalid({"half": [said % {"number": len(digits)} if digits else _t("Type the six digits.")]})


def _fits(side: str, code: MutualCode | None, digits: str) -> bool:
    return hmac.compare_digest(_half(side, code), digits) if code else False


def _count(side: str, code: MutualCode | None, sentences: Sequence[str | Promise]) -> Verdict:
    """The words are the same for a wrong, late or used half and for somebody else's. They depend only on the number of
    failures."""
    failures = 1
    if code is not None:
        failures = min(getattr(code, f"{side}_failures") + 1, TRIES)
        setattr(code, f"{side}_failures", failures)
        code.save(update_fields=[f"{side}_failures"])
    sentence = str(sentences[failures - 1]) % {"phone": settings.COMPANY_PHONE}
    return Verdict(right=False, tries_left=TRIES - failures, sentence=sentence)


def _grouped(digits: str) -> str:
    return f"{digits[:3]} {digits[3:]}"
