"""Calls that our voice menu takes: each has its row of the register before anybody is answered, like all contacts."""

from __future__ import annotations

import uuid
from datetime import datetime

import structlog
from django.db import transaction

from backoffice.actors import Actor
from backoffice.customers.models import Customer
from backoffice.refusals import Invalid
from backoffice.staff.rights import needs
from backoffice.statements import insert_new
from backoffice.telephony import rights, taking
from backoffice.telephony.models import MenuCall
from backoffice.telephony.taking import Shown
from backoffice.trust import register
from backoffice.trust.models import Contact, ContactChannel, Direction

log = structlog.get_logger(__name__)
PURPOSE = "menu_call"


@needs(rights.REPORT_CALL)
def note(*, conversation: str, caller: str, by: Actor, now: datetime) -> Contact:
    """Registers a call that came in, once for each conversation. `caller` is what their network says of their number,
    which finds whom it may be and proves nothing; one that is withheld or cannot be read is not kept. `now` is aware.
    """
    with transaction.atomic():
        if (known := _of(conversation)) is not None:
            return known.contact
        shown = _shown(caller)
        contact = Contact(
            customer=taking.the_only_one(shown),
            channel=ContactChannel.CALL,
            direction=Direction.IN,
            purpose=PURPOSE,
            address_masked=shown.masked,
            address_index=shown.index,
            at=now,
        )
        register.register(contacts=[contact])
        if insert_new(MenuCall(conversation=conversation, contact=contact), unique="conversation"):
            return contact
        contact.delete()
        return MenuCall.objects.select_related("contact").get(conversation=conversation).contact


def say_about(*, conversation: str, customer: Customer, case_id: uuid.UUID, case_reference: str) -> None:
    """Notes whom and which case a call is about, once its caller has proven it. Within the caller's transaction."""
    told = {"customer": customer, "case_id": case_id, "case_reference": case_reference}
    Contact.objects.filter(menu_call__conversation=conversation).update(**told)


def index_of_caller(conversation: str) -> str:
    """The keyed index of the number that the caller's display shows; empty where none is known."""
    known = _of(conversation)
    return known.contact.address_index if known else ""


def _of(conversation: str) -> MenuCall | None:
    return MenuCall.objects.select_related("contact").filter(conversation=conversation).first()


def _shown(caller: str) -> Shown:
    try:
        return taking.read_shown(caller)
    except Invalid:
        log.info("the number of a caller cannot be read, and is not kept")
        return Shown()
