from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.engine.reconciler import reconcile


class Command(BaseCommand):
    help = "Compares the rows with the engine, both ways; repairs what it can and reports the rest."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = reconcile()
        except RuntimeError as away:
            raise CommandError("Temporal cannot be reached.") from away
        for line in report.repaired:
            self.stdout.write(f"repaired  {line}")
        for line in report.reported:
            self.stdout.write(f"reported  {line}")
        self.stdout.write(
            f"{report.compared} cases compared, {len(report.repaired)} repaired, {len(report.reported)} reported"
        )
