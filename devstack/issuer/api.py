"""The endpoints of the Stripe API that cards need: key, form, idempotency, faults, then the card desk."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from devstack.issuer import form
from devstack.issuer.cards import STEPS, Cards
from devstack.issuer.errors import ApiError, not_one_of
from devstack.issuer.faults import Faults
from devstack.issuer.store import Json, Store
from devstack.issuer.uses import Uses
from devstack.issuer.webhooks import Webhooks

Action = Callable[[Request, Json], Json]
MAX_BODY = 64 * 1024


class Api:
    """The routes under `/v1`."""

    def __init__(self, *, store: Store, faults: Faults, cards: Cards, uses: Uses, webhooks: Webhooks, key: str) -> None:
        self._store, self._faults, self._cards, self._uses, self._webhooks = store, faults, cards, uses, webhooks
        self._key = f"Bearer {key}".encode()
        self._in_progress: set[str] = set()

    def routes(self) -> list[Route]:
        """Every endpoint that is spoken here."""
        card = "/v1/issuing/cards/{id}"
        wallet = "/v1/issuing/tokens/{id}"
        steps = "|".join(STEPS)
        return [
            self._route("GET", "/v1/issuing/transactions", "look", lambda _, told: self._uses.payments(told)),
            self._route("GET", "/v1/issuing/tokens", "look", lambda _, told: self._uses.tokens(told)),
            self._route("GET", wallet, "look", lambda r, _: self._uses.token(r.path_params["id"])),
            self._route("POST", wallet, "update", lambda r, told: self._uses.update_token(r.path_params["id"], told)),
            self._route("GET", "/v1/issuing/cards", "look", self._list),
            self._route("POST", "/v1/issuing/cards", "create", lambda _, told: self._cards.create(told)),
            self._route("GET", card, "look", self._retrieve),
            self._route("POST", card, "update", lambda r, told: self._cards.update(r.path_params["id"], told)),
            self._route("POST", "/v1/issuing/cardholders", "holder", lambda _, told: self._cards.new_holder(told)),
            self._route(
                "POST",
                "/v1/test_helpers/issuing/cards/{id}/shipping/{step}",
                "step",
                lambda r, told: self._step(r.path_params["id"], r.path_params["step"], steps),
            ),
        ]

    def _route(self, method: str, path: str, doing: str, action: Action) -> Route:
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
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), self._key):
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
        same = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + body).hexdigest()
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
        if status == 200 and (fault := self._faults.take("act_then_time_out", doing=doing)):
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
        with the real API."""
        if fault := self._faults.take("refuse", doing=doing):
            text = json.dumps(ApiError("We refuse this.", code=fault["code"]).body)
            if key:
                self._store.keep_answer(key, same, 400, text)
            return 400, text
        with self._store.together():
            told = form.read(body)
            told.pop("expand", None)
            text = json.dumps(action(request, told))
            if key:
                self._store.keep_answer(key, same, 200, text)
        return 200, text

    def _retrieve(self, request: Request, told: Json) -> Json:
        return self._expanded(self._cards.find(request.path_params["id"]), told)

    def _list(self, request: Request, told: Json) -> Json:
        limit = str(told.get("limit", "10"))
        if not limit.isdigit() or not 1 <= int(limit) <= 100:
            raise ApiError("limit is between 1 and 100.", param="limit")
        if told.get("status") not in (None, "active", "canceled", "inactive"):
            raise not_one_of("status", ("active", "canceled", "inactive"))
        after = told.get("starting_after")
        if after:
            self._cards.find(after, param="starting_after", status=400)
        found = self._store.cards(limit=int(limit) + 1, after=after, status=told.get("status"))
        page = found[: int(limit)]
        return {"object": "list", "url": "/v1/issuing/cards", "has_more": len(found) > len(page), "data": page}

    def _step(self, token: str, step: str, steps: str) -> Json:
        if step not in STEPS:
            raise ApiError(f"Unrecognized request URL; steps are {steps}.", status=404)
        return self._cards.step(token, step)

    def _expanded(self, card: Json, told: Json) -> Json:
        for name in told.get("expand", []):
            if name not in ("replaced_by", "replacement_for"):
                raise ApiError(f"This property cannot be expanded ({name}).", param="expand")
            if card[name]:
                card[name] = self._cards.find(card[name])
        return card


class NoAnswer(Response):
    """Sends nothing until the caller goes away or `seconds` are over, and then breaks the connection."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    async def __call__(self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[..., Any]) -> None:
        """The ASGI call. A body shorter than announced makes the server close the connection."""
        try:
            async with asyncio.timeout(self._seconds):
                while (await receive())["type"] != "http.disconnect":
                    continue
        except TimeoutError:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})


def _answer(status: int, text: str, *, replayed: bool = False) -> Response:
    headers = {"Request-Id": "req_" + secrets.token_hex(7)}
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(text, status_code=status, media_type="application/json", headers=headers)
