from __future__ import annotations

import uuid

from celery import shared_task
from django.utils import timezone

from backoffice.telephony import placing, waking


@shared_task(name=waking.SEE_TO)
def see_to(call_id: str) -> None:
    """Does what the provider must do now for one call."""
    placing.see_to(call_id=uuid.UUID(call_id), now=timezone.now())


@shared_task(name="telephony.see_to_calls")
def see_to_calls() -> None:
    """The same for every call whose line is open: after a lost answer, a lost report or a killed worker."""
    placing.see_to_all(now=timezone.now())
