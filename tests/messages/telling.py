from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from backoffice.actors import system
from backoffice.customers.models import Customer
from backoffice.messages.models import Message
from backoffice.messages.telling import tell

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


def written(tell: Callable[..., None], **what: Any) -> list[Message]:
    """The messages that `tell` writes, in the order in which their contacts were registered."""
    last = Message.objects.order_by("-contact_id").values_list("contact_id", flat=True).first() or 0
    tell(**what)
    new = Message.objects.filter(contact_id__gt=last).select_related("contact", "point")
    return list(new.order_by("contact_id"))


def told(customer: Customer, **changes: Any) -> list[Message]:
    """What a customer is told of a case at noon: that a card was blocked, where nothing else is said."""
    what: dict[str, Any] = {"template": "card_blocked", "context": {}, "by": system(), "now": NOON}
    what |= {"customer": customer, "case_id": uuid4(), "case_reference": "K7Q-4MX-2"}
    return written(tell, **(what | changes))


def now_of(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)
