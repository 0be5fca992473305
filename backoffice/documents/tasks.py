from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from backoffice.documents import storing


@shared_task(name="documents.delete_due")
def delete_due() -> None:
    """Deletes the documents whose time is over, and the files that belong to none."""
    now = timezone.now()
    storing.delete_due(now=now)
    storing.sweep(now=now)
