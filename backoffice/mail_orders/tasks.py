from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from backoffice.actors import system
from backoffice.mail_orders import findings, keeping, neutral, storing


@shared_task(name=storing.ANALYSE)
def analyse() -> None:
    """Analyses what came. Each mail that is stored wakes this task, and beat runs it regularly."""
    findings.analyse_received(by=system(), now=timezone.now())


@shared_task(name="mail_orders.answer")
def answer() -> None:
    """Sends the neutral answers that wait."""
    neutral.send_all()


@shared_task(name="mail_orders.delete_content")
def delete_content() -> None:
    """Deletes the content of mails whose time is over."""
    keeping.delete_content(by=system(), now=timezone.now())
