"""What a browser signs with a passkey, before the account library reads it."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

CREDENTIAL = "credential"
UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError, struct.error)
"""What reading a credential that is none may raise, from JSON down to the bytes of its key."""

View = Callable[..., HttpResponseBase]


def readable(view: View, kind: type[AuthenticationResponse | RegistrationResponse] = AuthenticationResponse) -> View:
    """Refuses with 400 what is no credential: no browser sends such a thing, and the library breaks on some of it."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        typed = request.POST.get(CREDENTIAL, "")
        if typed:
            try:
                kind.from_dict(json.loads(typed))
            except UNREADABLE:
                raise BadRequest("this is no credential") from None
        return view(request, *args, **kwargs)

    return checked


def new(view: View) -> View:
    """The same for the credential of a new passkey."""
    return readable(view, RegistrationResponse)
