from __future__ import annotations

import structlog
from celery import shared_task
from celery.signals import worker_process_init

from backoffice.engine.client import client, run
from backoffice.engine.reconciler import reconcile as compare
from backoffice.engine.relay import relay_all

log = structlog.get_logger(__name__)


@shared_task(name="engine.relay")
def relay() -> None:
    """Delivers what the outbox holds: woken on commit, and swept by beat."""
    relay_all()


@shared_task(name="engine.reconcile")
def reconcile() -> None:
    try:
        compare()
    except RuntimeError as away:
        log.warning("nothing was compared", why=str(away))


@worker_process_init.connect
def warm(**_: object) -> None:
    """Connects before the first command comes, so that a card is blocked within the second also after a restart."""
    try:
        run(client(), timeout=10)
    except (RuntimeError, TimeoutError) as away:
        log.warning("Temporal is away at the start of this worker", why=type(away).__name__)
