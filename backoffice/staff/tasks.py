from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from backoffice.staff import portraits


@shared_task(name="staff.sweep_portraits")
def sweep_portraits() -> None:
    """Removes pictures that nobody has any longer."""
    portraits.sweep(now=timezone.now())
