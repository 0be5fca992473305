"""What was tried before a call: earlier calls about the same matter and what came of them, and what the contact budget
leaves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.telephony import budget
from backoffice.telephony.models import Call
from backoffice.trust.models import Direction
from backoffice.ui.times import relative

MOST = 5
"""Earlier calls that are shown, the newest first."""
Lines = Sequence[tuple[str, str]]


def before(call: Call, *, now: datetime) -> Lines:
    """Earlier calls with the customer about the matter of this one, in or out, and the budget. `now` is aware."""
    if call.customer is None:
        return ()
    earlier = Call.objects.filter(customer=call.customer, matter=call.matter, announced_at__lte=now)
    earlier = earlier.exclude(pk=call.pk).exclude(outcome="called_off").order_by("-announced_at")[:MOST]
    lines = [(_line_of(one, now), _what_came(one)) for one in earlier]
    return [*(lines or [("", _("Nobody called about this before."))]), *_budget(call, now)]


def _line_of(call: Call, now: datetime) -> str:
    way = _("call to us") if call.direction == Direction.IN else _("call from us")
    return f"{way}, {relative(call.announced_at, now)}"


def _what_came(call: Call) -> str:
    said = str(call.get_outcome_display()) or str(call.get_state_display())
    return f"{said}: {call.wrap_up}" if call.wrap_up else said


def _budget(call: Call, now: datetime) -> Lines:
    """How many calls are left. A call to us costs nothing of it."""
    if call.direction == Direction.IN or call.customer is None:
        return ()
    dialled = Call.objects.filter(
        customer=call.customer, matter=call.matter, direction=Direction.OUT, dialled_at__gt=now - budget.A_WEEK
    ).count()
    left = max(budget.CALLS_A_WEEK - dialled, 0)
    said = ngettext("%(left)d of %(most)d in seven days", "%(left)d of %(most)d in seven days", left)
    lines = [(_("Calls left about this"), said % {"left": left, "most": budget.CALLS_A_WEEK})]
    wait = budget.wait(
        customer=call.customer,
        matter=call.matter,
        now=now,
        asked_by_customer=call.asked_by_customer,
        besides=call.pk,
    )
    return [*lines, *([("", wait.sentence())] if wait else [])]
