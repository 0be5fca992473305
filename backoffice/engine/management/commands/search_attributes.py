from __future__ import annotations

import asyncio
from typing import Any

from django.core.management.base import BaseCommand

from backoffice.engine import client, search_attributes


class Command(BaseCommand):
    help = "Registers the search attributes that operators look for cases by; does nothing where they are there."

    def handle(self, *args: Any, **options: Any) -> None:
        added = asyncio.run(self._register())
        self.stdout.write(f"added: {', '.join(added)}" if added else "all there")

    async def _register(self) -> list[str]:
        return await search_attributes.register(await client.connect())
