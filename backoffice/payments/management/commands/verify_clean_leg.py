from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.payments.voice import proofs


class Command(BaseCommand):
    help = (
        "Verifies that the agent's telephone was silent while the customer of a case keyed in: each proof is signed by "
        "the voice gateway, counts no frame with a sound and no key, and stands on the timeline. Otherwise ends with 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reference", help="the reference of the case")
        parser.add_argument("--key", help="the gateway's public key, a PEM file; by default that of the settings")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = proofs.verify(options["reference"], key_path=options["key"] or "")
        except proofs.CannotVerify as cannot:
            raise CommandError(str(cannot)) from None
        wrong = [one for one in found if one.wrong]
        for one in found:
            self.stdout.write(one.sentence())
        if wrong:
            raise CommandError("The agent's leg was not proven clean.")
        self.stdout.write("agent's leg clean")
