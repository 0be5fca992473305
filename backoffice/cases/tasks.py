from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from backoffice.cases import checkpoints, durations


@shared_task(name="cases.checkpoint")
def checkpoint() -> None:
    """Signs the timelines that grew."""
    checkpoints.sign(now=timezone.now())


@shared_task(name="cases.measure")
def measure() -> None:
    """Measures how long the stages of the processes take."""
    durations.measure(now=timezone.now())
