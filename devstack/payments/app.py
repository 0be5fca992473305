"""Puts the parts together."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import AsyncIterator

from starlette.applications import Starlette

from devstack.payments.api import Api
from devstack.payments.cards import Cards
from devstack.payments.checkout import Sessions
from devstack.payments.control import Control
from devstack.payments.faults import CHANGES, FAULTS
from devstack.payments.hosted_page import HostedPage
from devstack.payments.intents import Intents
from devstack.payments.refunds import Disputes, Refunds
from devstack.payments.setups import Setups
from devstack.payments.store import Store
from devstack.payments.transfers import Accounts, Fees, Transfers
from devstack.stripe_api.endpoint import Endpoint
from devstack.stripe_api.faults import Faults
from devstack.stripe_api.serving import HOSTS, Options
from devstack.stripe_api.webhooks import Webhooks


def build(options: Options) -> Starlette:
    """The ASGI application."""
    store = Store(options.data / "payments.sqlite3")
    faults = Faults(store, FAULTS, changes=CHANGES)
    webhooks = Webhooks(store, faults, url=options.webhook_url, secret=options.webhook_secret)
    cards = Cards(store, secret=hmac.digest(options.key.encode(), b"fingerprints of cards", hashlib.sha256))
    intents = Intents(store, faults, cards, webhooks.emit)
    disputes = Disputes(store, intents, webhooks.emit)
    sessions = Sessions(store, cards, intents, webhooks.emit)
    accounts = Accounts(store)

    def tick() -> None:
        with store.together():
            intents.let_time_pass()

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        tick()
        async with webhooks.delivering():
            yield
        store.close()

    refunds = Refunds(store, intents, webhooks.emit)
    api = Api(
        endpoint=Endpoint(store=store, faults=faults, webhooks=webhooks, key=options.key),
        store=store,
        cards=cards,
        intents=intents,
        setups=Setups(store, faults, cards),
        refunds=refunds,
        disputes=disputes,
        sessions=sessions,
        fees=Fees(store, intents),
        accounts=accounts,
        transfers=Transfers(store, accounts, webhooks.emit),
    )
    control = Control(
        store=store,
        faults=faults,
        disputes=disputes,
        refunds=refunds,
        accounts=accounts,
        webhooks=webhooks,
        tick=tick,
    )
    pages = HostedPage(store, sessions, webhooks)
    routes = [*api.routes(), *control.routes(), *pages.routes()]
    return Starlette(routes=routes, middleware=[HOSTS], lifespan=lifespan)
