from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from backoffice.actors import system
from backoffice.suspicions import keeping


@shared_task(name="suspicions.delete_texts")
def delete_texts() -> None:
    """Deletes the texts of reports whose time is over."""
    keeping.delete_texts(by=system(), now=timezone.now())
