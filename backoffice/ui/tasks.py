from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from backoffice.ui import typed


@shared_task(name="ui.delete_expired")
def delete_expired() -> None:
    """Deletes the kept answers and typings whose time is over."""
    typed.delete_expired(now=timezone.now())
