from __future__ import annotations

import asyncio
import logging
import os
import signal
from typing import Any

from django.core.management.base import BaseCommand

from backoffice import readiness
from backoffice.engine import client, search_attributes
from backoffice.engine.worker import make_worker


class Command(BaseCommand):
    help = "Runs the processes until SIGTERM or SIGINT; then finishes what it has in hand, within eight seconds."

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(self._run())
        logging.shutdown()
        # The SDK's own threads may still call into the interpreter, which aborts when it is torn down under them;
        # everything of ours has ended.
        os._exit(0)

    async def _run(self) -> None:
        temporal = await client.connect()
        await search_attributes.register(temporal)
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with make_worker(temporal):
            readiness.announce()
            self.stdout.write("worker ready")
            self.stdout.flush()
            await stop.wait()
