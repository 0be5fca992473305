from __future__ import annotations

from celery import shared_task

from backoffice.webhooks import delivering, sending


@shared_task(name=sending.DELIVER_DUE)
def deliver_due() -> None:
    """Delivers what is due. New messages wake this task, and beat runs it regularly."""
    delivering.deliver_all_due()
