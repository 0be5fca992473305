"""What the process of a handover does, played step by step without an engine."""

from __future__ import annotations

from datetime import datetime

from backoffice.cases.models import Case
from backoffice.trust.models import Contact
from tests.playing import advance
from tests.sample.spec import ANNOUNCED_NOTICE
from workflows.base.contracts import SendNotice


def announce(case: Case, *, until: datetime) -> Contact:
    """Tells the customer that the locker will be handed over; gives the contact, with the code of the message."""
    advance(case, stage="announced", notices=(SendNotice(ANNOUNCED_NOTICE.name, {"until": until.isoformat()}),))
    return Contact.objects.get(case_reference=case.reference, purpose="locker_handover.handover_announced")
