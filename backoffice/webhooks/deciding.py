"""What people decide about messages to partners: to send one again, or to leave one be."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.refusals import Conflict, NotFound
from backoffice.staff.models import User
from backoffice.staff.rights import needs
from backoffice.webhooks import endpoints, rights, sending
from backoffice.webhooks.models import Delivery, DeliveryState

_DECIDED = ["state", "decided_by", "decided_at"]


@needs(rights.DECIDE_DELIVERIES)
def replay(*, delivery_id: uuid.UUID, by: Actor, now: datetime) -> Delivery:
    """Sends a message again, whatever became of it: the same words and the same `webhook-id`, so a partner who has it
    already knows it again. It has all its tries anew.

    Raises `NotFound`, and `Conflict` while it is on its way already or its endpoint is switched off.
    """
    with transaction.atomic():
        delivery = _locked(delivery_id)
        if delivery.state == DeliveryState.WAITING:
            raise Conflict("on_its_way", _("This message is on its way already."))
        endpoints.refuse_if_off(delivery.endpoint)
        _decided(delivery, by, now)
        delivery.state, delivery.next_at, delivery.tries, delivery.sent_at = DeliveryState.WAITING, now, 0, None
        delivery.replays += 1
        delivery.save(update_fields=[*_DECIDED, "next_at", "tries", "sent_at", "replays"])
        sending.wake()
        return delivery


@needs(rights.DECIDE_DELIVERIES)
def set_aside(*, delivery_id: uuid.UUID, by: Actor, now: datetime) -> Delivery:
    """Notes that nothing more is to be done about a message that could not be delivered, for example because the
    partner was written to. Again changes nothing. Raises `NotFound`, and `Conflict` for one that did not fail."""
    with transaction.atomic():
        delivery = _locked(delivery_id)
        if delivery.state == DeliveryState.SET_ASIDE:
            return delivery
        if delivery.state != DeliveryState.FAILED:
            raise Conflict("not_failed", _("Only a message that could not be delivered is set aside."))
        _decided(delivery, by, now)
        delivery.state = DeliveryState.SET_ASIDE
        delivery.save(update_fields=_DECIDED)
        return delivery


def _locked(delivery_id: uuid.UUID) -> Delivery:
    found = Delivery.objects.select_for_update(of=("self",)).select_related("endpoint").filter(pk=delivery_id).first()
    if found is None:
        raise NotFound("unknown_delivery", _("There is no such message."))
    return found


def _decided(delivery: Delivery, by: Actor, now: datetime) -> None:
    delivery.decided_by, delivery.decided_at = User.objects.filter(public_id=by.id).first(), now
