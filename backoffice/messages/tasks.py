from __future__ import annotations

from celery import shared_task

from backoffice.messages import sending, waking


@shared_task(name=waking.SEND_DUE)
def send_due() -> None:
    """Sends what is due. Urgent messages wake this task, and beat runs it regularly."""
    sending.send_all_due()
