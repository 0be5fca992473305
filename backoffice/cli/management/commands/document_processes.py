"""`manage.py document_processes --write | --check`: keeps docs/processes.md, which is made from the declarations."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.cli.documenting import document


class Command(BaseCommand):
    help = "Writes docs/processes.md from the declarations of the processes, or checks that it is current (exit 1)."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--write", action="store_true", help="write the page again")
        what.add_argument("--check", action="store_true", help="only say whether it is current")

    def handle(self, *args: Any, **options: Any) -> None:
        page = settings.BASE_DIR / "docs" / "processes.md"
        wanted = document()
        if options["write"]:
            page.write_text(wanted, encoding="utf-8")
        elif not page.exists() or page.read_text(encoding="utf-8") != wanted:
            raise CommandError("docs/processes.md is not current: run `manage.py document_processes --write`.")
        self.stdout.write("docs/processes.md is current")
