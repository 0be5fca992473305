from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice import readiness
from backoffice.telephony.live import store
from backoffice.telephony.live.publishing import Publisher


class Command(BaseCommand):
    help = (
        "Publishes which telephone calls are on, for the open pages of customers, until SIGTERM or SIGINT. Any number "
        "of these may run; while none does, every page says that we cannot check."
    )

    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not store.is_given():
            raise CommandError("There is no shared cache to publish into: set CACHE_URL.")
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        readiness.announce()
        self.stdout.write("publishing the calls that are on")
        self.stdout.flush()
        Publisher().run(stop)
