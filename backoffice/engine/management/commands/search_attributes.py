from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.engine import client, search_attributes


class Command(BaseCommand):
    help = "Registers the search attributes that operators look for cases by; does nothing where they are there."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            added = client.run(self._register(), timeout=30)
        except (RuntimeError, TimeoutError) as away:
            raise CommandError("Temporal cannot be reached.") from away
        self.stdout.write(f"added: {', '.join(added)}" if added else "all there")

    async def _register(self) -> list[str]:
        return await search_attributes.register(await client.client())
