"""A card that its bank knows as stolen or lost was keyed in: the process has one of us call the customer."""

from __future__ import annotations

from datetime import datetime

from backoffice.actors import Actor
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.cases.signals import signal
from backoffice.payments.provider.ports import Decline
from backoffice.payments.top_up.models import TopUp
from workflows.base.spec import Nothing
from workflows.top_up.spec import CARD_REPORTED


def note(case: Case, decline: Decline, *, by: Actor, now: datetime) -> None:
    """Within the unit of work of the case, while it waits for a call. The page of the case says exactly why; on the
    line only that the card was not taken."""
    TopUp.objects.filter(case=case).update(decline=decline.value)
    timeline.note(case, "top_up.card_reported", by=by, data={"decline": decline.value}, at=now)
    signal(case, CARD_REPORTED, Nothing())
