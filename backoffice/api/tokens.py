"""Tokens of the API: knox's tokens, made safe against whatever a header may hold."""

from __future__ import annotations

from django.utils.translation import gettext as _
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request


class TokenAuthentication(KnoxTokenAuthentication):  # type: ignore[misc]
    """Answers 401 for a token that is no text, or that the database cannot store; knox would fail on it."""

    def authenticate(self, request: Request) -> object:
        try:
            return super().authenticate(request)
        except ValueError:
            raise AuthenticationFailed(_("Invalid token.")) from None


class TokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    """How the OpenAPI schema describes these tokens."""

    target_class = "backoffice.api.tokens.TokenAuthentication"
