"""Personal data at rest: encrypted columns, and the blind indexes by which they are found.

Keys are in settings: `SEALING_KEYS` (Fernet keys, the newest first; the others still decrypt what they encrypted) and
`INDEX_KEY` (HMAC-SHA-256). Rotation: put a new key in front, run `manage.py reseal`, drop the old one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def box() -> MultiFernet:
    return _box(tuple(settings.SEALING_KEYS))


def seal(text: str) -> str:
    return box().encrypt(text.encode()).decode()


def unseal(token: str) -> str:
    return box().decrypt(token.encode()).decode()


def reseal(token: str) -> str:
    """Takes a value sealed with any of the keys, and returns it sealed with the newest one."""
    return box().rotate(token.encode()).decode()


def keyed_hash(purpose: str, text: str) -> str:
    """64 hex digits. The same text has another hash for another purpose, and nobody can guess it without the key."""
    key = hmac.digest(settings.INDEX_KEY.encode(), purpose.encode(), hashlib.sha256)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def seal_for(data: bytes, *, about: str) -> bytes:
    """AES-256-GCM with `about` as associated data: it opens only for the same `about`. For what lives for hours at
    most: `manage.py reseal` leaves it alone."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_bound_key(settings.SEALING_KEYS[0])).encrypt(nonce, data, about.encode())


def unseal_for(sealed: bytes, *, about: str) -> bytes:
    """Raises `ValueError` for what was sealed about something else, was changed, or whose key is gone."""
    for key in settings.SEALING_KEYS:
        try:
            return AESGCM(_bound_key(key)).decrypt(sealed[:_NONCE], sealed[_NONCE:], about.encode())
        except InvalidTag:
            continue
    raise ValueError("this was sealed about something else")


_NONCE = 12
"""In bytes."""


def _bound_key(key: str) -> bytes:
    return hmac.digest(key.encode(), b"sealed about something", hashlib.sha256)


if TYPE_CHECKING:
    _Text = models.TextField[Any, Any]
else:
    _Text = models.TextField


class SealedTextField(_Text):
    """A text that is encrypted in the database. It cannot be searched or ordered: keep a blind index beside it."""

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        return unseal(value) if value else value

    def get_prep_value(self, value: Any) -> Any:
        return seal(str(value)) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        return None


class SealedJSONField(SealedTextField):
    """A JSON value that is encrypted in the database."""

    def from_db_value(self, value: str | None, *_: object) -> Any:
        return json.loads(unseal(value)) if value else None

    def get_prep_value(self, value: Any) -> Any:
        return seal(json.dumps(value)) if value is not None else None

    def to_python(self, value: Any) -> Any:
        return value
