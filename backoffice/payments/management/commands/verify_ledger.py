from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.payments.ledger.verifying import verify


class Command(BaseCommand):
    help = (
        "Verifies the ledger from its rows: every posting comes to nought, and every balance is the sum of its "
        "entries. Names the rows that are wrong, and then ends with 1."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = verify()
        if found.wrong:
            raise CommandError("\n".join(f"BROKEN: {one}." for one in found.wrong))
        sums = ", ".join(str(one) for one in found.sums) or "0"
        self.stdout.write(f"{found.accounts} accounts, {found.postings} postings, sum {sums}, ledger intact")
