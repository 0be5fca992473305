"""How every endpoint of the Stripe API answers: key, form, idempotency and the faults that are on, around an action."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from devstack.no_answer import NoAnswer
from devstack.stripe_api import form
from devstack.stripe_api.errors import ApiError
from devstack.stripe_api.faults import Faults
from devstack.stripe_api.store import Json, Store
from devstack.stripe_api.webhooks import Webhooks

MAX_BODY = 64 * 1024


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer that is no success although something was done, such as a card that was declined. It is kept for its
    key like a success."""

    status: int
    body: Json


Action = Callable[[Request, Json], Json | Outcome]


class Endpoint:
    """Makes routes. What it keeps for an idempotency key is an HMAC under the API key, so nobody can try out from the
    file what was in the request."""

    def __init__(self, *, store: Store, faults: Faults, webhooks: Webhooks, key: str) -> None:
        self._store, self._faults, self._webhooks = store, faults, webhooks
        self._secret = key.encode()
        self._authorization = f"Bearer {key}".encode()
        self._in_progress: set[str] = set()

    def route(self, method: str, path: str, doing: str, action: Action) -> Route:
        """`doing` is what faults can be aimed at. A GET only looks; everything else is one transaction."""

        async def endpoint(request: Request) -> Response:
            try:
                self._check_key(request)
                if method == "GET":
                    return await self._look(request, doing, action)
                return await self._change(request, doing, action)
            except ApiError as error:
                return _answer(error.status, json.dumps(error.body))

        return Route(path, endpoint, methods=[method])

    def _check_key(self, request: Request) -> None:
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), self._authorization):
            raise ApiError("Invalid API Key provided.", status=401)

    async def _look(self, request: Request, doing: str, action: Action) -> Response:
        await self._strike_before(doing)
        told = form.read(request.scope["query_string"])
        return _answer(200, json.dumps(action(request, told)))

    async def _change(self, request: Request, doing: str, action: Action) -> Response:
        body = await request.body()
        if len(body) > MAX_BODY:
            raise ApiError("Request too large.", status=413)
        key = request.headers.get("idempotency-key", "")
        if len(key) > 255:
            raise ApiError("Keys for idempotent requests are at most 255 characters.", kind="idempotency_error")
        same = hmac.digest(self._secret, f"{request.method} {request.url.path}\n".encode() + body, hashlib.sha256).hex()
        if (known := self._replay(key, same)) is not None:
            return known
        if key in self._in_progress:
            raise ApiError(
                "There is another request in progress with this idempotency key.",
                status=409, kind="idempotency_error", code="idempotency_key_in_use",
            )  # fmt: skip
        if key:
            self._in_progress.add(key)
        try:
            await self._strike_before(doing)
            status, text = self._act(request, body, doing, action, key, same)
        finally:
            self._in_progress.discard(key)
        self._webhooks.wake()
        if status < 500 and (fault := self._faults.take("act_then_time_out", doing=doing)):
            return NoAnswer(fault["seconds"])
        return _answer(status, text)

    def _replay(self, key: str, same: str) -> Response | None:
        known = self._store.answer_of(key) if key else None
        if known is None:
            return None
        request, status, text = known
        if request != same:
            raise ApiError(
                "Keys for idempotent requests can only be used with the same parameters they were first used with.",
                kind="idempotency_error",
            )
        return _answer(status, text, replayed=True)

    async def _strike_before(self, doing: str) -> None:
        if fault := self._faults.take("slow", doing=doing):
            await asyncio.sleep(fault["seconds"])
        if fault := self._faults.take("fail", doing=doing):
            raise ApiError("Something went wrong on our side.", status=fault["status"], kind="api_error")

    def _act(self, request: Request, body: bytes, doing: str, action: Action, key: str, same: str) -> tuple[int, str]:
        """Does it, and in the same transaction stores the answer under its key. Invalid requests are not stored, as
        with the real API; an error on its side after it acted is."""
        if fault := self._faults.take("refuse", doing=doing):
            text = json.dumps(ApiError("We refuse this.", code=fault["code"]).body)
            if key:
                self._store.keep_answer(key, same, 400, text)
            return 400, text
        with self._store.together():
            told = form.read(body)
            told.pop("expand", None)
            done: Json | Outcome = action(request, told)
            status, content = (done.status, done.body) if isinstance(done, Outcome) else (200, done)
            if fault := self._faults.take("act_then_fail", doing=doing):
                broken = ApiError("Something went wrong on our side.", status=fault["status"], kind="api_error")
                status, content = broken.status, broken.body
            text = json.dumps(content)
            if key:
                self._store.keep_answer(key, same, status, text)
        return status, text


def page_size(told: Json) -> int:
    """The `limit` of a list."""
    limit = str(told.get("limit", "10"))
    if not limit.isdecimal() or not 1 <= int(limit) <= 100:
        raise ApiError("limit is between 1 and 100.", param="limit")
    return int(limit)


def page_of(url: str, found: list[Json], size: int) -> dict[str, Any]:
    """A page of a list; `found` has one more than fits where there are more."""
    return {"object": "list", "url": url, "has_more": len(found) > size, "data": found[:size]}


def _answer(status: int, text: str, *, replayed: bool = False) -> Response:
    headers = {"Request-Id": "req_" + secrets.token_hex(7)}
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(text, status_code=status, media_type="application/json", headers=headers)
