"""`manage.py demo_data`: the people of the demonstration and what belongs to them. Safe to repeat."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo import data
from demo.people import PEOPLE


class Command(BaseCommand):
    help = "Loads the people of the demonstration: accounts with known passwords, so never into production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="load them although demonstration mode is off")

    def handle(self, *_args: Any, force: bool = False, **_options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("These accounts have known passwords. They are never loaded into production.")
        if not (settings.DEMO_MODE or force):
            raise CommandError("Demonstration mode is off: set COUNTERSIGN_DEMO=1, or say --force.")
        data.load(now=datetime.now(UTC))
        self.stdout.write(f"{len(PEOPLE)} people of the demonstration are here.")
