"""The endpoints of Twilio's REST API that calls need: https://www.twilio.com/docs/voice/api/call-resource."""

from __future__ import annotations

import asyncio
import base64
import hmac
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from devstack.no_answer import NoAnswer
from devstack.telephony.faults import Faults
from devstack.telephony.lines import Json, Lines, shown

FATES = {"busy": "busy", "no_answer": "no_answer", "voicemail": "voicemail", "failed": "fail"}
"""A fault of the next call, and the step that makes it so."""
MANY = ("StatusCallbackEvent",)
MAX_BODY = 64 * 1024


class ApiError(Exception):
    """`code` is one of https://www.twilio.com/docs/api/errors."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        more = f"https://www.twilio.com/docs/errors/{code}"
        self.answer = JSONResponse({"code": code, "message": message, "more_info": more, "status": status}, status)


class Api:
    """The routes under `/2010-04-01`."""

    def __init__(self, *, lines: Lines, faults: Faults, account: str, token: str) -> None:
        self._lines, self._faults, self._account = lines, faults, account
        self._authorization = b"Basic " + base64.b64encode(f"{account}:{token}".encode())

    def routes(self) -> list[Route]:
        """Every endpoint that is spoken here."""
        calls = f"/2010-04-01/Accounts/{self._account}/Calls"
        return [
            self._route("GET", calls + ".json", self._list),
            self._route("POST", calls + ".json", self._make),
            self._route("GET", calls + "/{sid}.json", self._read),
            self._route("POST", calls + "/{sid}.json", self._update),
        ]

    def _route(self, method: str, path: str, action: Callable[[Request], Awaitable[Response]]) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                if not hmac.compare_digest(request.headers.get("authorization", "").encode(), self._authorization):
                    raise ApiError(401, 20003, "Authenticate")
                return await action(request)
            except ApiError as error:
                return error.answer

        return Route(path, endpoint, methods=[method])

    async def _make(self, request: Request) -> Response:
        told = await _form(request)
        if fault := self._faults.take("slow"):
            await asyncio.sleep(fault["seconds"])
        if self._faults.take("too_many"):
            raise ApiError(429, 20429, "Too many requests")
        if fault := self._faults.take("fail"):
            return JSONResponse({"message": "Something went wrong on our side."}, int(fault["status"]))
        for name, code in (("To", 21201), ("From", 21213)):
            if not told.get(name):
                raise ApiError(400, code, f"No '{name}' number is specified")
        if not (told.get("Twiml") or told.get("Url")):
            raise ApiError(400, 21205, "Url parameter is required.")
        if self._faults.take("refuse"):
            raise ApiError(400, 21211, "The phone number you are attempting to call is not valid.")
        call = self._lines.make(told, self._account)
        for fault_name, step in FATES.items():
            if self._faults.take(fault_name):
                self._lines.step(call["sid"], "ring")
                self._lines.step(call["sid"], step)
        if fault := self._faults.take("lost_answer"):
            return NoAnswer(fault["seconds"])
        return JSONResponse(shown(call), 201)

    async def _list(self, request: Request) -> Response:
        asked = request.query_params
        size = asked.get("PageSize", "50")
        if not size.isdigit() or not 1 <= int(size) <= 1000:
            raise ApiError(400, 20001, "PageSize is between 1 and 1000.")
        wanted = {"To": "to", "From": "from", "Status": "status"}
        found = [
            call
            for call in reversed(self._lines.calls.values())
            if all(call[ours] == asked[name] for name, ours in wanted.items() if name in asked)
        ]
        page = {"page": 0, "page_size": int(size), "start": 0, "end": max(0, len(found) - 1), "uri": str(request.url)}
        none = dict.fromkeys(("next_page_uri", "previous_page_uri"))
        return JSONResponse({"calls": [shown(call) for call in found[: int(size)]], **page, **none})

    async def _read(self, request: Request) -> Response:
        return JSONResponse(shown(self._call(request)))

    async def _update(self, request: Request) -> Response:
        call, told = self._call(request), await _form(request)
        if told.get("Status") not in ("completed", "canceled"):
            raise ApiError(400, 21218, "Only the status can be changed here.")
        try:
            return JSONResponse(shown(self._lines.end(call["sid"])))
        except ValueError as impossible:
            raise ApiError(400, 21220, str(impossible)) from None

    def _call(self, request: Request) -> Json:
        call = self._lines.calls.get(request.path_params["sid"])
        if call is None:
            raise ApiError(404, 20404, "The requested resource was not found")
        return call


async def _form(request: Request) -> dict[str, Any]:
    body = await request.body()
    if len(body) > MAX_BODY:
        raise ApiError(413, 20413, "Too large")
    told = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    return {name: values if name in MANY else values[-1] for name, values in told.items()}
