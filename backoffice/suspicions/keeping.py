"""How long the texts of reports are kept. What was decided, as codes, stays."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db.models import Q

from backoffice.actors import Actor
from backoffice.staff.rights import needs
from backoffice.suspicions import rights, waiting
from backoffice.suspicions.models import GroupState, Report, Suspicion
from workflows.suspicious_contact.spec import PERIODS

BATCH = 200
log = structlog.get_logger(__name__)


@needs(rights.WIPE)
def delete_texts(*, by: Actor, now: datetime) -> int:
    """Deletes the texts and senders of the reports that were decided on long enough ago, and of those that were ours,
    on which nobody decides; gives of how many groups. `now` is UTC."""
    since = now - PERIODS.text_is_kept_after_the_decision
    ours = Report.objects.filter(group=None, at__lt=since, wiped_at=None)
    ours.update(text="", sender="", wiped_at=now)
    nobodys = Suspicion.objects.filter(state=GroupState.WAITING, latest_at__lt=since).exclude(pk__in=waiting.waiting())
    found = Suspicion.objects.filter(Q(decided_at__lt=since) | Q(pk__in=nobodys.values("pk")), wiped_at=None)
    over = list(found.order_by("latest_at")[:BATCH])
    for group in over:
        Report.objects.filter(group=group).update(text="", sender="", wiped_at=now)
        group.seen, group.wiped_at = None, now
        group.note("wiped", at=now)
        group.save(update_fields=["seen", "wiped_at", "history"])
    if over:
        log.info("texts of reports deleted", groups=len(over))
    return len(over)
