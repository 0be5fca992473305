"""The ticket of an open page: for ten minutes it shows its own customer's state, without a look at the session.

It is a signed cookie that only `/live/` gets. It holds the customer's keyed hash and a mark of the session's cookie, so
another browser can do nothing with it alone, and signing out, which takes the session's cookie from the browser, ends
it there. Whoever copied both before can watch until the ticket ends, at most ten minutes; streams that are open end
with it as well. Each page of the portal renews it, and a page that stays open asks for another one while its sign-in
lasts.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from backoffice.telephony.live.snapshots import key_of_customer

if TYPE_CHECKING:
    from django.http import HttpResponse

    from backoffice.customers.models import Customer

COOKIE = "live"
PATH = "/live/"
GOOD_FOR = 600
"""Seconds."""
_SALT = "live.watching"


@dataclass(frozen=True)
class Watcher:
    """A page that may be told. `key` is that of its customer in the snapshots, `left` how many seconds the ticket is
    still good for."""

    key: str
    left: float


def hand_out(response: HttpResponse, *, customer: Customer, session: str) -> None:
    """Gives the page of this response its ticket. `session` is the key of the customer's session."""
    said = [key_of_customer(customer.public_id), _mark(session), int(time.time()) + GOOD_FOR]
    response.set_cookie(
        COOKIE,
        signing.dumps(said, salt=_SALT),
        max_age=GOOD_FOR,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def watcher(cookies: Mapping[str, str]) -> Watcher | None:
    """Who sent these cookies; None where there is no ticket, or one that is forged, over, or of another session."""
    try:
        key, mark, until = signing.loads(cookies.get(COOKIE, ""), salt=_SALT, max_age=GOOD_FOR)
    except (signing.BadSignature, ValueError):
        return None
    session = cookies.get(settings.SESSION_COOKIE_NAME, "")
    left = float(until) - time.time()
    if not session or left <= 0 or not constant_time_compare(mark, _mark(session)):
        return None
    return Watcher(key, left)


def cookies_of(header: str) -> Mapping[str, str]:
    """The cookies in a header; none where it cannot be read."""
    try:
        return {name: one.value for name, one in SimpleCookie(header).items()}
    except CookieError:
        return {}


def _mark(session: str) -> str:
    return salted_hmac(_SALT, session).hexdigest()[:16]
