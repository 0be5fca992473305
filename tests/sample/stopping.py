"""Stopping a handover without signing in: anybody who has the message that announces it can do so."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.cases.models import Case
from backoffice.cases.withdrawing import withdraw
from backoffice.messages.catalogue import code_of
from backoffice.references import tidy_reference
from backoffice.refusals import Conflict, Invalid
from backoffice.trust.limits import Limit, allowed
from backoffice.trust.models import Contact, Direction
from tests.sample.spec import ANNOUNCED_NOTICE, LOCKER_HANDOVER

TRIES = Limit("stop-a-handover", times=10, per=timedelta(hours=1))
"""Counted by IP address. The code of a message has 58 bits, so nobody finds one by trying."""


def stop(*, code: str, address: str, now: datetime) -> Case:
    """Stops the handover that a message announced, with the code of that message. `address` is the sender's IP address.

    Raises `Invalid` for any other code, and `Conflict` after too many tries or once it is too late.
    """
    if not allowed(TRIES, address, now=now):
        raise Conflict("too_many_tries", _("Too many tries. Wait an hour, or call us."))
    purpose = code_of(ANNOUNCED_NOTICE.name, process=LOCKER_HANDOVER.name)
    messages = Contact.objects.filter(direction=Direction.OUT, purpose=purpose).select_related("customer")
    message = messages.filter(reference=tidy_reference(code) or "-").first()
    if message is None or message.customer is None:
        raise Invalid({"code": [_("No message of ours that announces a handover has this code.")]})
    case = Case.objects.get(reference=message.case_reference, process=LOCKER_HANDOVER.name)
    holder = str(message.customer.public_id)
    by = Actor(kind=ActorKind.CUSTOMER, id=holder, channel=Channel.MAIL_LINK, proof="message code")
    return withdraw(case_id=case.id, by=by)
