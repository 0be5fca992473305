"""`manage.py document_processes --write | --check`: keeps the pages under docs/ that are made from the declarations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.cli import documenting

PAGES: Mapping[str, Callable[[], str]] = {
    "processes.md": documenting.processes,
    "rights.md": documenting.policy,
}


class Command(BaseCommand):
    help = (
        "Writes docs/processes.md and docs/rights.md from the declarations, or checks that they are current (exit 1)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--write", action="store_true", help="write the pages again")
        what.add_argument("--check", action="store_true", help="only say whether they are current")

    def handle(self, *args: Any, **options: Any) -> None:
        for name, wanted in ((name, made()) for name, made in PAGES.items()):
            page = settings.BASE_DIR / "docs" / name
            if options["write"]:
                page.write_text(wanted, encoding="utf-8")
            elif not page.exists() or page.read_text(encoding="utf-8") != wanted:
                raise CommandError(f"docs/{name} is not current: run `manage.py document_processes --write`.")
            self.stdout.write(f"docs/{name} is current")
