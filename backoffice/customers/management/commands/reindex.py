"""`manage.py reindex`: writes again what customers and their records are found by."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand

from backoffice.customers import records, reindexing


class Command(BaseCommand):
    help = (
        "Writes again what customers are found by: names, mail, telephone numbers and their records. For rows that an "
        "older version wrote while it was replaced. Safe to repeat, and to run at work."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"customers: {reindexing.all_customers(apps)}")
        self.stdout.write(f"addresses: {reindexing.all_contact_points(apps)}")
        for kind in records.all_kinds():
            if kind.reindex is not None:
                self.stdout.write(f"{kind.name}: {kind.reindex()}")
