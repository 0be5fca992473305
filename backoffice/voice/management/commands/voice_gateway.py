from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.voice.gateway.options import BadOptions, from_environment


class Command(BaseCommand):
    help = "Run the voice gateway: SIP and sound of telephone calls. It reads VOICE_… variables and no database."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Serves until SIGTERM or SIGINT. Raises `CommandError` with all that is wrong with its variables."""
        from backoffice.voice.gateway.serving import serve

        try:
            told = from_environment(os.environ)
        except BadOptions as bad:
            raise CommandError("\n".join(bad.problems)) from None
        serve(told)
