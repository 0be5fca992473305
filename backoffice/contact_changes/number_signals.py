"""A telephone number is in other hands: its SIM was swapped, or it was ported. Who holds it now gets our codes and our
calls, so it is marked, what is open for its customer is paused, and the customer is told on every other channel. It is
one rule, whether a telephone company signals it or one of us notes it."""

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
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.messages import notices
from backoffice.messages.telling import Notice, tell_all
from backoffice.refusals import Conflict
from backoffice.staff.rights import MARK_SIM, needs
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
            _pause(point.customer)
            try:
                contact_points.mark_sim_swapped(point=point, by=by, now=now)
            except Conflict:
                log.info("number was replaced while it was signalled")
            _tell(point, now=now)


@needs(MARK_SIM)
def number_noted(*, point: ContactPoint, by: Actor, now: datetime) -> ContactPoint:
    """One of us notes that a number is in other hands. `now` is UTC. Noted twice it is marked, and told, once. Raises
    what `contact_points.mark_sim_swapped` raises, and then nothing is paused and nobody told."""
    with transaction.atomic():
        _pause(point.customer)
        marked = contact_points.mark_sim_swapped(point=point, by=by, now=now)
        if marked.sim_swapped_at == now:
            _tell(point, now=now)
    return marked


def _pause(customer: Customer) -> None:
    """The cases first: whoever changes a number locks its case before the number, and so do we."""
    freezing.freeze_what_is_sensitive(customer=customer, by=system(), reason=REASON)


def _tell(point: ContactPoint, *, now: datetime) -> None:
    """On every other channel, and by each address that was replaced lately: whoever took the number may have replaced
    it. Never on this number, nor on another of theirs that is in other hands."""
    swapped = ContactPoint.objects.filter(customer=point.customer, kind=ContactKind.PHONE, sim_swapped_at__isnull=False)
    notice = Notice(
        notices.NUMBER_MOVED.name,
        channels=(ContactChannel.MAIL, ContactChannel.LETTER),
        urgent=True,
        to_old=True,
        not_to=frozenset({point.value_index, *swapped.values_list("value_index", flat=True)}),
    )
    tell_all(customer=point.customer, case_id=None, case_reference="", notices=(notice,), by=system(), now=now)
