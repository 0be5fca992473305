"""Tells the workers that a call must be dialled, hung up or looked at: without the broker beat's sweep does it, seconds
later. And that a caller of the voice menu waits: without the broker their line ends without an answer."""

from __future__ import annotations

import uuid

import structlog
from kombu.exceptions import OperationalError

from backoffice.celery import app as celery_app

SEE_TO = "telephony.see_to"
PROCEED_IN_MENU = "telephony.proceed_in_menu"
PROCEED_IN_BRANCH = "telephony.proceed_in_branch"
log = structlog.get_logger(__name__)


def wake(call_id: uuid.UUID) -> None:
    """Call it after the transaction."""
    try:
        celery_app.send_task(SEE_TO, args=[str(call_id)], ignore_result=True, expires=30)
    except OperationalError as away:
        log.warning("broker away, a call waits for the sweep", call=str(call_id), why=type(away).__name__)


def proceed_in_menu(conversation: str, step: str, digits: str) -> None:
    """`step` is the value of a `menu.Step`. Who waits for longer than ten seconds is not answered any more."""
    try:
        celery_app.send_task(PROCEED_IN_MENU, args=[conversation, step, digits], ignore_result=True, expires=10)
    except OperationalError as away:
        log.warning("broker away, the voice menu does not answer", why=type(away).__name__)


def proceed_in_branch(name: str, conversation: str) -> None:
    """The same for a branch of the menu (`menu_branches`). Call it after the transaction."""
    try:
        celery_app.send_task(PROCEED_IN_BRANCH, args=[name, conversation], ignore_result=True, expires=10)
    except OperationalError as away:
        log.warning("broker away, a branch of the voice menu does not answer", why=type(away).__name__)
