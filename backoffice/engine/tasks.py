from __future__ import annotations

import structlog
from celery import shared_task

from backoffice.engine.reconciler import reconcile as compare

log = structlog.get_logger(__name__)


@shared_task(name="engine.reconcile")
def reconcile() -> None:
    try:
        compare()
    except RuntimeError as away:
        log.warning("nothing was compared", why=str(away))
