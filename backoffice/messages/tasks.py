from __future__ import annotations

from celery import shared_task

from backoffice.messages import sending


@shared_task(name="messages.send_due")
def send_due() -> None:
    """Sends what is due: woken by what is urgent, and swept by beat."""
    sending.send_all_due()
