from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from backoffice.payments.voice import watching


@shared_task(name="payments.look_at_voice_calls")
def look_at_voice_calls() -> None:
    """Looks at every call for a payment that goes on."""
    watching.look_at_all(now=timezone.now())
