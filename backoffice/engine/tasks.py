from __future__ import annotations

from celery import shared_task

from backoffice.engine.reconciler import reconcile as compare
from backoffice.engine.relay import relay_all


@shared_task(name="engine.relay")
def relay() -> None:
    """Delivers what the outbox holds: woken on commit, and swept by beat."""
    relay_all()


@shared_task(name="engine.reconcile")
def reconcile() -> None:
    compare()
