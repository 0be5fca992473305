from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backoffice.messages.models import Message


def written(tell: Callable[..., None], **what: Any) -> list[Message]:
    """The messages that `tell` writes, in the order in which their contacts were registered."""
    last = Message.objects.order_by("-contact_id").values_list("contact_id", flat=True).first() or 0
    tell(**what)
    new = Message.objects.filter(contact_id__gt=last).select_related("contact", "point")
    return list(new.order_by("contact_id"))
