"""Tells the workers that a call must be dialled, hung up or looked at. Without the broker beat's sweep does it, seconds
later."""

from __future__ import annotations

import uuid

import structlog
from kombu.exceptions import OperationalError

from backoffice.celery import app as celery_app

SEE_TO = "telephony.see_to"
log = structlog.get_logger(__name__)


def wake(call_id: uuid.UUID) -> None:
    """Call it after the transaction."""
    try:
        celery_app.send_task(SEE_TO, args=[str(call_id)], ignore_result=True, expires=30)
    except OperationalError as away:
        log.warning("broker away, a call waits for the sweep", call=str(call_id), why=type(away).__name__)
