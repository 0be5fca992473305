from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from backoffice.domains import polling, ports
from backoffice.domains.transfer_out import guarding


@shared_task(name="domains.poll_registry")
def poll_registry() -> None:
    """Empties the registry's queue, and tells the processes what was in it."""
    polling.read(ports.registry(), now=timezone.now())
    polling.hand_out(now=timezone.now())


@shared_task(name="domains.guard_frozen")
def guard_frozen() -> None:
    """Keeps domains here whose cases are frozen, while the clocks of their registries run on."""
    guarding.guard_all()
