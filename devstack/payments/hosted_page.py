"""The page on which somebody pays: of the provider's origin, so that the digits never come to ours. What is typed is
used once, and never filled in again."""

from __future__ import annotations

from html import escape
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from devstack.payments.checkout import Sessions
from devstack.payments.currencies import shown
from devstack.payments.store import Store
from devstack.stripe_api import form
from devstack.stripe_api.control import is_from_another_page
from devstack.stripe_api.errors import ApiError
from devstack.stripe_api.store import Json
from devstack.stripe_api.webhooks import Webhooks

STYLE = """
main { max-width: 24rem; margin: 0 auto; }
form { display: grid; gap: 1rem; }
label { display: grid; gap: .25rem; font-weight: 600; }
input { font: inherit; min-height: 2.75rem; padding: 0 .75rem; width: 100%; box-sizing: border-box; }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
main button { min-height: 2.75rem; }
.amount { font-size: 1.75rem; margin: 0 0 1rem; }
.error { border-left: .25rem solid currentcolor; padding-left: .75rem; font-weight: 600; }
"""
_FRAME = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="/page.css"><link rel="stylesheet" href="/pay.css"></head>
<body><main><h1>{title}</h1>
{content}
</main></body></html>"""
_FORM = """<p>{what}</p><p class="amount">{amount}</p>
{error}
<form method="post" autocomplete="on">
<label>Card number <input name="number" inputmode="numeric" autocomplete="cc-number" required></label>
<div class="two">
<label>Expires (MM/YY) <input name="expiry" inputmode="numeric" autocomplete="cc-exp" required></label>
<label>Security code <input name="cvc" inputmode="numeric" autocomplete="cc-csc" required></label>
</div>
<button>Pay {amount}</button>
</form>
<p><a href="{cancel}">Go back without paying</a></p>
<p>This is a simulator: only test numbers work, and no money moves.</p>"""


class HostedPage:
    def __init__(self, store: Store, sessions: Sessions, webhooks: Webhooks) -> None:
        self._store, self._sessions, self._webhooks = store, sessions, webhooks

    def routes(self) -> list[Route]:
        """The page and its style."""
        return [
            Route("/pay/{id}", self._show, methods=["GET"]),
            Route("/pay/{id}", self._pay, methods=["POST"]),
            Route("/pay.css", self._style, methods=["GET"]),
        ]

    async def _show(self, request: Request) -> Response:
        try:
            return self._page(self._sessions.find(request.path_params["id"]), "")
        except ApiError:
            return _page("There is nothing to pay here", "<p>Look at the address again.</p>", status=404)

    async def _pay(self, request: Request) -> Response:
        if is_from_another_page(request):
            return Response("This button is on another page.", status_code=403)
        name = request.path_params["id"]
        try:
            card = _card(form.read(await request.body()))
            session = self._sessions.find(name)
        except ApiError:
            return await self._show(request)
        try:
            with self._store.together():
                session, why = self._sessions.pay(name, card)
        except ApiError as wrong:
            why = str(wrong)
        self._webhooks.wake()
        if session["status"] == "complete":
            return RedirectResponse(session["success_url"], status_code=303)
        return self._page(session, why)

    def _page(self, session: Json, error: str) -> Response:
        if session["status"] == "complete":
            return _page("This is paid", "<p>Thank you. You can close this page.</p>")
        if session["status"] != "open":
            return _page("This page has ended", "<p>Nothing was paid here. Ask for a new link.</p>", status=410)
        content = _FORM.format(
            what=escape(self._sessions.line(session)),
            amount=escape(shown(session["amount_total"], session["currency"])),
            cancel=escape(session["cancel_url"]),
            error=f'<p class="error" role="alert">{escape(error)}</p>' if error else "",
        )
        return _page("Pay by card", content, status=402 if error else 200, leads_to=session["success_url"])

    async def _style(self, _request: Request) -> Response:
        return Response(STYLE, media_type="text/css")


def _card(told: Json) -> Json:
    month, _, year = str(told.get("expiry", "")).replace(" ", "").partition("/")
    return {"number": told.get("number", ""), "exp_month": month, "exp_year": year, "cvc": told.get("cvc", "")}


def _page(title: str, content: str, *, status: int = 200, leads_to: str = "") -> Response:
    """The browser also checks where an answered form is redirected to. Under `no-referrer` it would not say from which
    page a form comes."""
    there = urlsplit(leads_to)
    targets = f"'self' {there.scheme}://{there.netloc}" if leads_to else "'self'"
    policy = f"default-src 'none'; style-src 'self'; form-action {targets}; frame-ancestors 'none'"
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
    return HTMLResponse(_FRAME.format(title=title, content=content), status_code=status, headers=headers)
