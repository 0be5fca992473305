"""Cases that need a person because something technical failed: shown on the desk with the reason and a retry."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases import timeline
from backoffice.cases.changing import changing, wake_relay
from backoffice.cases.models import Case, Command, CommandState
from backoffice.refusals import Conflict, Forbidden
from backoffice.staff.models import Role

MAY_RETRY = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


def needs_attention(*, case_id: uuid.UUID, why: str, by: Actor) -> None:
    """Marks a case; the same reason twice is one mark. `why` is a code or a sentence without personal data."""
    with changing(case_id) as case:
        if case.needs_attention == why[:200]:
            return
        case.needs_attention = why[:200]
        timeline.note(case, "case.attention", by=by, data={"why": case.needs_attention})


def given(case: Case, *, marks: tuple[str, ...], by: Actor, at: datetime) -> None:
    """Within `changing`: what had failed works again. Takes the mark away if it begins with one of these; another one,
    such as that of a dead letter, stays."""
    if case.needs_attention.startswith(marks):
        timeline.note(case, "case.attention_cleared", by=by, data={"why": case.needs_attention}, at=at)
        case.needs_attention = ""


def clear(*, case_id: uuid.UUID, by: Actor) -> None:
    with changing(case_id) as case:
        if case.needs_attention:
            timeline.note(case, "case.attention_cleared", by=by, data={"why": case.needs_attention})
            case.needs_attention = ""


def retry(*, case_id: uuid.UUID, by: Actor) -> Case:
    """Sends the dead letters of a case again, in their order, and takes its mark away; if the cause is still there,
    the mark comes back. Raises `Conflict` where nothing needs attention, `Forbidden` for a role that may not."""
    if not by.roles & MAY_RETRY:
        raise Forbidden("not_your_role", _("Only a supervisor or an administrator tries this again."))
    with changing(case_id) as case:
        if not case.needs_attention:
            raise Conflict("no_need", _("Nothing of this case needs attention now."))
        Command.objects.filter(case=case, state=CommandState.DEAD).update(
            state=CommandState.WAITING, tries=0, error="", leased_until=None, next_try_at=timezone.now()
        )
        timeline.note(case, "case.attention_cleared", by=by, data={"why": case.needs_attention})
        case.needs_attention = ""
    wake_relay()
    return case
