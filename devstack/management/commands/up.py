from __future__ import annotations

import json
import signal
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from devstack.leftovers import AlreadyUp
from devstack.plan import ON_DEMAND, PARTS
from devstack.ports import PortTaken
from devstack.postgres import Unavailable
from devstack.stack import NotUp, Row, Stack


class Command(BaseCommand):
    help = "Runs everything on this machine, on loopback and sockets only, until Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="demonstration mode: one-click sign-in")
        parser.add_argument("--without", default="", metavar="PARTS", help=f"leave out some of {', '.join(PARTS)}")
        parser.add_argument("--json", action="store_true", help="print the addresses as a JSON line when all answers")
        parser.add_argument("--ready-file", type=Path, metavar="PATH", help="write them there when all answers")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError(
                "`manage.py up` runs the embedded stack, which is not for production: "
                "run web, workers and beat under your own supervisor, with COUNTERSIGN_ENV=production."
            )
        without = {name for name in options["without"].split(",") if name}
        if unknown := without - set(PARTS):
            raise CommandError(f"--without: no such part: {', '.join(sorted(unknown))}. Parts: {', '.join(PARTS)}.")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        stack = Stack(settings.DATA_DIR, demo=options["demo"], without=without, also=ON_DEMAND, say=self._say)
        began = time.monotonic()
        try:
            self._say("Starting …")
            stack.start()
            self._announce(stack, time.monotonic() - began, options)
            while True:
                signal.pause()
        except KeyboardInterrupt:
            self._say("Stopping …")
        except (AlreadyUp, PortTaken, Unavailable, NotUp) as refused:
            raise CommandError(str(refused)) from refused
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            stack.stop()
            if options["ready_file"]:
                options["ready_file"].unlink(missing_ok=True)
        self._say("All stopped.")

    def _announce(self, stack: Stack, seconds: float, options: dict[str, Any]) -> None:
        for line in table(stack.rows()):
            self._say(line)
        self._say(f"All answer after {seconds:.1f} s. Open {stack.addresses.get('PUBLIC_URL', '')} — Ctrl-C stops.")
        ready = json.dumps({"addresses": stack.addresses, "pids": {row.name: row.pid for row in stack.rows()}})
        if options["json"]:
            self.stdout.write(ready)
            self.stdout.flush()
        if options["ready_file"]:
            options["ready_file"].write_text(ready)

    def _say(self, line: str) -> None:
        self.stderr.write(line, lambda text: text)
        self.stderr.flush()


def table(rows: list[Row]) -> list[str]:
    """The table of what runs where: a line per part under a heading, in columns."""
    cells = [("part", "process", "address", "log"), *((r.name, str(r.pid or "–"), r.address, str(r.log)) for r in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def _interrupt(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt
