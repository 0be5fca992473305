"""`manage.py first_administrator NAME`: the first account of a new installation, which makes all others."""

from __future__ import annotations

import sys
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.refusals import Invalid, Refused
from backoffice.staff.roles import first_administrator


class Command(BaseCommand):
    help = "Makes an administrator while there is none. Asks for the password, or reads a line from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        password = getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            first_administrator(username=options["username"], password=password)
        except Invalid as invalid:
            sentences = [sentence for found in invalid.errors.values() for sentence in found]
            raise CommandError("\n".join(sentences)) from None
        except Refused as refused:
            raise CommandError(refused.sentence) from None
        self.stdout.write("Sign in, and set up a second factor.")
