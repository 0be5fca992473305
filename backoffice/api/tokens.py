"""Tokens of the API: those of knox, for whatever a header may hold."""

from __future__ import annotations

from django.utils.translation import gettext as _
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request


class TokenAuthentication(KnoxTokenAuthentication):  # type: ignore[misc]
    """401 for a token that is not even text, or that the database cannot hold; knox would fail on it."""

    def authenticate(self, request: Request) -> object:
        try:
            return super().authenticate(request)
        except ValueError:
            raise AuthenticationFailed(_("Invalid token.")) from None


class TokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    """How the schema describes it."""

    target_class = "backoffice.api.tokens.TokenAuthentication"
