from __future__ import annotations

import asyncio
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice import readiness
from backoffice.mail_orders.receiving import Handler, our_addresses, serve


class Command(BaseCommand):
    help = (
        "Receives mail by SMTP until SIGTERM or SIGINT, behind a mail server of ours. It takes mail only for"
        " MAIL_INTAKE_ADDRESSES, and answers 250 only when a mail is stored."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="The address to listen on; loopback by default.")
        parser.add_argument("--port", type=int, default=2528, help="The port to listen on.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            asyncio.run(self._run(options["host"], options["port"]))
        except OSError as error:
            raise CommandError(f"Cannot listen on {options['host']}:{options['port']}: {error.strerror}.") from None

    async def _run(self, host: str, port: int) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        handler = Handler(our_addresses())
        server = await serve(host=host, port=port, handler=handler)
        readiness.announce()
        self.stdout.write(f"receiving mail on {host}:{port}")
        self.stdout.flush()
        await stop.wait()
        server.close()
        handler.close()
