from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from backoffice.payments.fees import reconciling as fees
from backoffice.payments.ledger.verifying import verify
from backoffice.payments.payouts import reconciling as payouts
from backoffice.payments.provider.ports import ProviderFailed, provider


class Command(BaseCommand):
    help = (
        "Verifies the ledger from its rows: every posting comes to nought, and every balance is the sum of its "
        "entries. Names the rows that are wrong, and then ends with 1. With --with-provider also that the payouts to "
        "merchants, and the fees of payments, are those that the payment provider has made and kept."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--with-provider", action="store_true", help="ask the payment provider for its payouts and fees"
        )
        parser.add_argument(
            "--days", type=int, default=30, help="how old the oldest payout and payment are that is looked at"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = verify()
        if found.wrong:
            raise CommandError("\n".join(f"BROKEN: {one}." for one in found.wrong))
        if options["with_provider"]:
            self._with_provider(options["days"])
        sums = ", ".join(str(one) for one in found.sums) or "0"
        self.stdout.write(f"{found.accounts} accounts, {found.postings} postings, sum {sums}, ledger intact")

    def _with_provider(self, days: int) -> None:
        asked = provider()
        if asked is None:
            raise CommandError("There is no payment provider to ask.")
        now = timezone.now()
        since = now - timedelta(days=days)
        try:
            wrong = [*payouts.differences(asked, since=since), *fees.differences(asked, since=since, now=now)]
        except ProviderFailed as failed:
            raise CommandError(f"The payment provider did not say: {failed.reason}.") from None
        if wrong:
            raise CommandError("\n".join(f"BROKEN: {one}." for one in wrong))
        self.stdout.write(f"payouts of {days} days are those of the provider")
        self.stdout.write(f"fees of {days} days are those of the provider")
