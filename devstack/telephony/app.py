"""Puts the parts together: the routes, and what happens by itself as time passes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from devstack.telephony.api import Api
from devstack.telephony.control import Control
from devstack.telephony.faults import Faults
from devstack.telephony.lines import Lines
from devstack.telephony.webhooks import Webhooks

NAP = 0.1
"""How often to look at the telephones, in seconds."""


@dataclass(frozen=True, slots=True, repr=False)
class Options:
    """`data` is a folder."""

    data: Path
    account: str
    token: str


def build(options: Options) -> Starlette:
    """The ASGI application."""
    options.data.mkdir(parents=True, exist_ok=True)
    faults = Faults()
    webhooks = Webhooks(faults, token=options.token)
    lines = Lines(options.data / "calls.json", webhooks.emit)

    async def let_time_pass() -> None:
        while True:
            lines.let_time_pass()
            await asyncio.sleep(NAP)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        clock = asyncio.create_task(let_time_pass())
        yield
        clock.cancel()
        await webhooks.stop()

    api = Api(lines=lines, faults=faults, account=options.account, token=options.token)
    control = Control(lines=lines, faults=faults, webhooks=webhooks)
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]"])
    return Starlette(routes=[*api.routes(), *control.routes()], middleware=[hosts], lifespan=lifespan)
