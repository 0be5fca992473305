from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from backoffice.calls.back import asking
from backoffice.sealed import unseal


@shared_task(name="call_back.ask")
def ask(reference: str, last_three: str, request_id: str) -> None:
    """A wish of the public page. What was typed crosses the broker sealed."""
    by = asking.anybody(request_id)
    asking.ask(reference=unseal(reference), last_three=unseal(last_three), by=by, now=timezone.now())
