"""The ticket of an open page: for ten minutes it shows its own customer's state, without a look at the session.

It is a signed cookie that only `/live/` gets. It holds the customer's keyed hash and a mark of the session, so another
browser can do nothing with it alone. When the session ends, by signing out or otherwise, the ticket ends with it, and
so do the streams that were opened by it, in whichever window, and for whoever copied both cookies: the database notes
the mark of each session that is deleted (migration `ended_sessions`) and of each password that is replaced (migration
`ended_passwords`), which ends all sessions but one of its person, and the next snapshot of the calls names it. So
nothing that can be believed is older than a sign-out. Each page of the portal renews its ticket, and a page that stays
open asks for another one while its sign-in lasts.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare

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
    """A page that may be told, while its session lasts. `key` is that of its customer in the snapshots, `marks` are
    those of its session and of the password with which it holds, `left` for how many seconds the ticket is still
    good."""

    key: str
    marks: tuple[str, str]
    left: float


def hand_out(response: HttpResponse, *, customer: Customer, session: str, password: str) -> None:
    """Gives the page of this response its ticket. `session` is the key of the customer's session, `password` their
    password as it is stored, a salted hash: with another one the session does not hold any more."""
    until = int(time.time()) + GOOD_FOR
    said = [key_of_customer(customer.public_id), mark_of(session), mark_of(password), until]
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
    """Who sent these cookies; None where there is no ticket, or one that is forged, over, or of another session.
    Whether that session still lasts, the reader of the snapshots knows."""
    try:
        key, mark, signed_in_with, until = signing.loads(cookies.get(COOKIE, ""), salt=_SALT, max_age=GOOD_FOR)
    except (signing.BadSignature, ValueError):
        return None
    session = cookies.get(settings.SESSION_COOKIE_NAME, "")
    left = float(until) - time.time()
    if not session or left <= 0 or not constant_time_compare(mark, mark_of(session)):
        return None
    return Watcher(key, (mark, signed_in_with), left)


def cookies_of(header: str) -> Mapping[str, str]:
    """The cookies in a header; none where it cannot be read."""
    try:
        return {name: one.value for name, one in SimpleCookie(header).items()}
    except CookieError:
        return {}


def mark_of(session: str) -> str:
    """What stands for the key of a session, or for a password as it is stored. Both are long and random, so nobody
    finds them from this; the triggers on the tables of sessions and of users make the same."""
    return hashlib.sha256(session.encode()).hexdigest()[:32]
