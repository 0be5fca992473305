"""A telephone number is in other hands: its SIM was swapped, or it was ported. Who holds it now gets our codes and our
calls, so it is marked, what is open for its customer is paused, and the customer is told on every other channel."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction

from backoffice.actors import Actor, system
from backoffice.cases import freezing
from backoffice.contact_changes import rights
from backoffice.contact_changes.models import Moved, NumberSignal
from backoffice.customers import contact_points
from backoffice.customers.addresses import clean, index_of
from backoffice.customers.models import ContactKind, ContactPoint
from backoffice.messages import notices
from backoffice.messages.telling import tell
from backoffice.refusals import Conflict
from backoffice.staff.rights import needs
from backoffice.statements import insert_new
from backoffice.trust.models import ContactChannel

REASON = "number_moved"
"""Why cases are paused, see `cases.words.BY`."""
log = structlog.get_logger(__name__)


@needs(rights.SIGNAL_NUMBER)
def number_signalled(*, signal_id: str, number: str, what: Moved, by: Actor, now: datetime) -> None:
    """Takes a signal about a number in international form. The same `signal_id` twice counts once, also after a
    supervisor has let the cases go on. A number that nobody has on file changes nothing, and nothing tells the sender
    so. Raises `Invalid` on `number` for what is no telephone number.
    """
    index = index_of(kind=ContactKind.PHONE, value=clean(kind=ContactKind.PHONE, value=number, field="number"))
    with transaction.atomic():
        if not insert_new(NumberSignal(signal_id=signal_id, what=what, at=now), unique="signal_id"):
            return
        on_file = ContactPoint.objects.filter(kind=ContactKind.PHONE, value_index=index, superseded_at=None)
        for point in on_file.select_related("customer").order_by("pk"):
            _take_trust(point, by=by, now=now)


def _take_trust(point: ContactPoint, *, by: Actor, now: datetime) -> None:
    """The cases first: whoever changes a number locks its case before the number, and so do we."""
    freezing.freeze_what_is_sensitive(customer=point.customer, by=system(), reason=REASON)
    try:
        contact_points.mark_sim_swapped(point=point, by=by, now=now)
    except Conflict:
        log.info("number was replaced while it was signalled")
    tell(
        customer=point.customer,
        case_id=None,
        case_reference="",
        template=notices.NUMBER_MOVED.name,
        context={},
        channels=(ContactChannel.MAIL, ContactChannel.LETTER),
        urgent=True,
        by=system(),
        now=now,
    )
