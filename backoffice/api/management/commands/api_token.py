from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from knox.models import AuthToken

from backoffice.raw_input import check_options
from backoffice.staff.models import User


class Command(BaseCommand):
    help = "Makes an API token for a member of staff and prints it once; it is kept as a hash only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--days", type=int, default=90, help="how long it is good (default 90)")

    def handle(self, *args: Any, **options: Any) -> None:
        check_options(options)
        user = User.objects.filter(username=options["username"], is_staff=True, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active member of staff “{options['username']}”.")
        if not 1 <= options["days"] <= 366:
            raise CommandError("A token is good for 1 to 366 days.")
        _, token = AuthToken.objects.create(user=user, expiry=timedelta(days=options["days"]))
        self.stdout.write(token)
