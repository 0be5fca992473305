"""Puts the parts together: the routes, and the two things that happen by themselves, letters and webhooks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.applications import Starlette

from devstack.issuer.api import Api
from devstack.issuer.cards import Cards, Post
from devstack.issuer.control import Control
from devstack.issuer.faults import CHANGES, FAULTS
from devstack.issuer.store import Store
from devstack.issuer.uses import Uses
from devstack.stripe_api import serving
from devstack.stripe_api.endpoint import Endpoint
from devstack.stripe_api.faults import Faults
from devstack.stripe_api.store import Json
from devstack.stripe_api.webhooks import Webhooks

LONGEST_NAP = 0.25
"""How often to look at the letters, in seconds."""


@dataclass(frozen=True, slots=True, repr=False)
class Options(serving.Options):
    post: Post


def build(options: Options) -> Starlette:
    """The ASGI application."""
    store = Store(options.data / "issuer.sqlite3")
    faults = Faults(store, FAULTS, changes=CHANGES)
    webhooks = Webhooks(store, faults, url=options.webhook_url, secret=options.webhook_secret)
    uses = Uses(store, faults)

    def emit(kind: str, card: Json, before: Json | None) -> None:
        uses.card_changed(card, before)
        webhooks.emit(kind, card, before)

    cards = Cards(store, faults, options.post, emit)
    moved = asyncio.Event()

    def tick() -> None:
        with store.together():
            cards.let_time_pass()
        webhooks.wake()
        moved.set()

    async def let_time_pass() -> None:
        while True:
            moved.clear()
            if store.next_letter() == 0.0:
                tick()
            wait = store.next_letter()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(moved.wait(), max(0.02, LONGEST_NAP if wait is None else min(wait, LONGEST_NAP)))

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(let_time_pass()), group.create_task(webhooks.run())]
            yield
            for task in tasks:
                task.cancel()
        store.close()

    endpoint = Endpoint(store=store, faults=faults, webhooks=webhooks, key=options.key)
    api = Api(endpoint=endpoint, store=store, cards=cards, uses=uses)
    control = Control(store=store, faults=faults, cards=cards, uses=uses, webhooks=webhooks, tick=tick)
    return Starlette(routes=[*api.routes(), *control.routes()], middleware=[serving.HOSTS], lifespan=lifespan)
