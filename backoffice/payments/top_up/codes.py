"""The number that a customer has shown in the portal and keys in on the telephone: it says about which top-up they
call, and proves that they are who signed in. The number that a telephone shows proves nothing.

It has twelve digits. The first four only find the top-up. The other eight are a one-time code (`trust.codes`): bound to
the case, kept as a keyed hash, good for ten minutes, once, and blocked after three wrong tries. Whatever is wrong is
answered alike, and wrong numbers of all callers together are limited.
"""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime

from django.core.cache import cache
from django.db.models import Q
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases import timeline
from backoffice.cases.models import Case, CaseState
from backoffice.cases.unit_of_work import changing
from backoffice.payments.top_up.models import TopUp
from backoffice.payments.top_up.rights import SHOW_CODE
from backoffice.refusals import Conflict, NotFound
from backoffice.staff.rights import needs
from backoffice.trust import codes
from workflows.top_up.spec import PERIODS, TopUpStage

LINE, CODE = 4, 8
LENGTH = LINE + CODE
TRIES = 3
MOST_WRONG = 60
"""Wrong numbers of all callers in ten minutes. More are somebody who guesses: then nobody is let in."""
ACTION = "top_up"
_TRIED = 50
"""First digits that are tried before there is no room."""


@needs(SHOW_CODE)
def show(*, case_id: uuid.UUID, by: Actor, now: datetime) -> tuple[str, datetime]:
    """Makes a new number, `1234 5678 9012`, and says until when it is good (UTC). The one before it is void. Nobody can
    have it shown again. Raises `NotFound` for another customer's case, `Conflict` when the top-up does not wait for a
    call, and `NoMoreCodes`."""
    with changing(case_id) as case:
        if by.id != str(case.customer.public_id):
            raise NotFound("unknown_case", _("There is no such case."))
        if not waits_for_call(case):
            raise Conflict("over", _("This no longer waits for your call."))
        top_up = TopUp.objects.select_for_update().get(case=case)
        minutes = int(PERIODS.code.total_seconds() // 60)
        _code, clear = codes.issue(
            case_id=case.id, action=ACTION, minutes=minutes, length=CODE, digits=True, tries=TRIES, now=now
        )
        top_up.line, top_up.code_until = _free_line(now), now + PERIODS.code
        top_up.save(update_fields=["line", "code_until"])
        timeline.note(case, "top_up.code_shown", by=by, at=now)
        return in_groups(top_up.line + clear), top_up.code_until


def waits_for_call(case: Case) -> bool:
    """Whether the customer can call about it: the process waits for that, they have not agreed yet, nothing is to be
    confirmed first, and no card was keyed in that its bank knows as stolen or lost."""
    if case.state != CaseState.OPEN or case.stage != TopUpStage.CALL.value:
        return False
    free = Q(to_confirm=None) | Q(confirmed_at__isnull=False)
    return TopUp.objects.filter(free, case=case, agreed_in=None, decline="").exists()


def find(number: str) -> uuid.UUID | None:
    """The case to which the first digits belong. It proves nothing: `is_right` does."""
    line = number[:LINE]
    return TopUp.objects.filter(line=line).values_list("case_id", flat=True).first() if line else None


def is_right(case: Case, number: str, *, now: datetime) -> bool:
    """Within the unit of work of the case: uses the code up, or counts the failure. The caller commits either way."""
    if not waits_for_call(case):
        return False
    return codes.try_within(case_id=case.id, action=ACTION, typed=number[LINE:], now=now) is not None


def note_wrong(now: datetime) -> None:
    """One more wrong number, whoever keyed it in."""
    cache.add(_window(now), 0, timeout=1200)
    cache.incr(_window(now))


def too_many_wrong(now: datetime) -> bool:
    """Whether so many were wrong in these ten minutes that nobody is let in."""
    return int(cache.get(_window(now), 0)) >= MOST_WRONG


def in_groups(number: str) -> str:
    return " ".join(number[place : place + LINE] for place in range(0, len(number), LINE))


def _free_line(now: datetime) -> str:
    """First digits that no other number has now."""
    TopUp.objects.filter(code_until__lte=now).exclude(line="").update(line="")
    for _each in range(_TRIED):
        line = f"{secrets.randbelow(10**LINE):0{LINE}d}"
        if not TopUp.objects.filter(line=line).exists():
            return line
    raise Conflict("busy", _("Too many people do this at the moment. Try again in a few minutes."))


def _window(now: datetime) -> str:
    return f"top_up:wrong:{int(now.timestamp()) // 600}"
