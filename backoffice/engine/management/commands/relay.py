from __future__ import annotations

import asyncio
from typing import Any

from django.core.management.base import BaseCommand

from backoffice import readiness
from backoffice.engine.relay import Relay
from backoffice.engine.stopping import stop_at_signals


class Command(BaseCommand):
    help = "Delivers commands to Temporal until SIGTERM or SIGINT. The worker does so too; any number may run at once."

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(self._run())

    async def _run(self) -> None:
        stop = stop_at_signals()
        readiness.announce()
        self.stdout.write("relay ready")
        self.stdout.flush()
        await Relay().run(stop)
