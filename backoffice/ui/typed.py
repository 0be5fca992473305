"""What somebody typed and could not send is kept for an hour, sealed, for that user alone and for the form in which
they typed it. It is never acted upon: it only stands in the form again.

Each form of a page for a signed-in user carries a signed mark: whose page it is, at which address, and which of its
fields are secret. So a form that arrives after the session ended still has an owner. Without a good mark nothing is
kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.core import signing
from django.http import QueryDict

from backoffice import no_card_numbers
from backoffice.sealed import keyed_hash, seal_for, unseal_for
from backoffice.staff.models import User
from backoffice.trust.limits import CannotCount, Limit, allowed
from backoffice.ui.models import KeptAnswer, KeptTyping
from backoffice.ui.page_forms import MARK

LIVES = timedelta(hours=1)
MARK_LIVES = timedelta(hours=24)
"""A page may stay open over night; its form then still has an owner."""
LARGEST = 64 * 1024
"""What is kept of one form, in characters of its JSON."""
LONGEST_READ = 40_000
"""Characters of one form. To search a longer one for card numbers would take too long, so nothing of it is kept."""
MOST = 20
"""Forms of one user; the oldest makes room."""
SIGNED_OUT = Limit("typed-while-signed-out", times=60, per=timedelta(hours=1))
_NEVER = frozenset({"csrfmiddlewaretoken", MARK, "password", "password1", "password2", "oldpassword"}) | frozenset(
    {"pin", "cvc", "cvv", "otp", "credential", "key", "opening_key"}
)
"""Secrets, whatever a page says of them, and what is good for one page only."""
_SALT = "ui.typed"
Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Origin:
    """Where a form came from: the user whose page it was, its address with its parameters, and the secret fields."""

    user_id: int
    page: str
    secret: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        return urlsplit(self.page).path


@dataclass(frozen=True)
class Typed:
    """`action` is the path that the form is sent to. `ended` says when the session ended, as seconds since 1970; 0 when
    that is not known, and None when it was not the session."""

    page: str
    action: str
    values: Values
    ended: float | None = None


def mark(origin: Origin) -> str:
    return signing.dumps([origin.user_id, origin.page, list(origin.secret)], salt=_SALT)


def origin_of(marked: str) -> Origin | None:
    """None for a mark that we did not make, or made over a day ago."""
    try:
        user_id, page, secret = signing.loads(marked, salt=_SALT, max_age=MARK_LIVES)
    except signing.BadSignature:
        return None
    return Origin(user_id, page, tuple(secret))


def without_card_numbers(sent: QueryDict) -> Values:
    """What was sent and is not empty; of a card number only the last four digits."""
    values = {name: [value for value in sent.getlist(name) if value.strip()] for name in sent}
    return no_card_numbers.without({name: value for name, value in values.items() if value})


def typed_in(sent: Values, origin: Origin) -> Values:
    """What may be kept of a form: no secret."""
    return {name: values for name, values in sent.items() if name not in _NEVER and name not in origin.secret}


def keep(
    *, origin: Origin, action: str, sent: Values, now: datetime, ended: float | None = None, signed_in: bool
) -> bool:
    """Keeps what was typed in a form, in place of what the same form had before; `sent` is without card numbers.
    Returns whether it could: not when it is too long, or when nobody is signed in and too much came for this user."""
    told = json.dumps(asdict(Typed(origin.page, action, typed_in(sent, origin), ended)))
    if len(told) > LARGEST or not (signed_in or _in_time(origin.user_id, now)):
        return False
    page, sent_to = _hashed("page", origin.path), _hashed("action", action)
    sealed = seal_for(told.encode(), about=_about(origin.user_id, page, sent_to))
    KeptTyping.objects.update_or_create(
        user_id=origin.user_id, page=page, action=sent_to, defaults={"sealed": sealed, "until": now + LIVES}
    )
    newest = KeptTyping.objects.filter(user_id=origin.user_id).order_by("-until")
    newest.filter(pk__in=list(newest.values_list("pk", flat=True)[MOST:])).delete()
    return True


def of_user(user: User, *, now: datetime) -> list[Typed]:
    """Everything that is kept for this user, the newest first. What no key opens any more is left out."""
    rows = KeptTyping.objects.filter(user=user, until__gt=now).order_by("-until")
    return [typed for row in rows if (typed := _opened(row)) is not None]


def forget(user: User, *, action: str) -> None:
    """The form was sent."""
    KeptTyping.objects.filter(user=user, action=_hashed("action", action)).delete()


def newest_until(user: User, *, now: datetime) -> datetime | None:
    """Until when (UTC) something is kept for this user."""
    return (
        KeptTyping.objects.filter(user=user, until__gt=now).order_by("-until").values_list("until", flat=True).first()
    )


def is_anybody(user_id: int) -> bool:
    """Whether the account is still there, and switched on."""
    return User.objects.filter(pk=user_id, is_active=True).exists()


def delete_expired(*, now: datetime) -> int:
    """Deletes what has expired, answers too; returns how many rows."""
    typings, _each = KeptTyping.objects.filter(until__lte=now).delete()
    answers, _each = KeptAnswer.objects.filter(until__lte=now).delete()
    return typings + answers


def _opened(row: KeptTyping) -> Typed | None:
    try:
        told = unseal_for(bytes(row.sealed), about=_about(row.user_id, row.page, row.action))
    except ValueError:
        return None
    return Typed(**json.loads(told))


def _in_time(user_id: int, now: datetime) -> bool:
    try:
        return allowed(SIGNED_OUT, str(user_id), now=now)
    except CannotCount:
        return False


def _hashed(what: str, path: str) -> str:
    return keyed_hash(f"typed {what}", path)


def _about(user_id: int, page: str, action: str) -> str:
    return f"typed {user_id} {page} {action}"
