from __future__ import annotations

import asyncio
import logging
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from temporalio.client import Client

from backoffice import readiness
from backoffice.engine import client, search_attributes
from backoffice.engine.relay import Relay
from backoffice.engine.stopping import stop_at_signals
from backoffice.engine.worker import make_worker


class Command(BaseCommand):
    help = (
        "Plays the processes, and delivers their commands, until SIGTERM or SIGINT; then finishes what is under way, "
        "within eight seconds."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(self._run(relays=not options["no_relay"]))
        logging.shutdown()
        # The SDK's own threads may still call into the interpreter, which aborts when it is torn down under them;
        # everything of ours has ended.
        os._exit(0)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-relay", action="store_true", help="deliver no commands: `manage.py relay` does it")

    async def _run(self, *, relays: bool) -> None:
        temporal = await client.connect()
        await search_attributes.register(temporal)
        stop = stop_at_signals()

        async def same() -> Client:
            return temporal

        async with make_worker(temporal), asyncio.TaskGroup() as beside:
            if relays:
                beside.create_task(Relay(same).run(stop))
            readiness.announce()
            self.stdout.write("worker ready")
            self.stdout.flush()
            await stop.wait()
