from __future__ import annotations

from celery import shared_task

from backoffice.messages import sending, waking


@shared_task(name=waking.SEND_DUE)
def send_due() -> None:
    """Sends what is due: woken by what is urgent, and swept by beat."""
    sending.send_all_due()
