"""Machines and staff at the API, each with a token of their own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver
from knox.models import AuthToken

from backoffice.staff.models import Role, User
from tests.cards.signing import known_secrets
from tests.factories import make_staff


class Api:
    """A client with a user's token."""

    def __init__(self, user: User | None) -> None:
        self.user = user
        self.headers = {"authorization": f"Token {AuthToken.objects.create(user=user)[1]}"} if user else {}
        self.client = Client(raise_request_exception=False)

    def get(self, path: str, **query: str) -> HttpResponse:
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)  # type: ignore[return-value]

    def read(self, path: str, *, reason: str = "They called about it", **query: str) -> HttpResponse:
        """Reads something without a case in one's hands, and says why."""
        headers = {**self.headers, "reason": reason}
        return self.client.get(f"/api/v1/{path}", query, headers=headers)  # type: ignore[return-value]

    def post(self, path: str, content: Any = None, *, raw: bytes | None = None, **headers: str) -> HttpResponse:
        body = raw if raw is not None else json.dumps({} if content is None else content).encode()
        return self.client.post(  # type: ignore[return-value]
            f"/api/v1/{path}",
            body,
            content_type="application/json",
            headers={**self.headers, **headers},
        )

    def delete(self, path: str) -> HttpResponse:
        return self.client.delete(f"/api/v1/{path}", headers=self.headers)  # type: ignore[return-value]


@pytest.fixture
def api_of(db: None) -> Callable[..., Api]:
    def make(user: User | None = None, *, role: Role = Role.SUPPORT) -> Api:
        return Api(user or make_staff(role=role))

    return make


@pytest.fixture
def api(api_of: Callable[..., Api]) -> Api:
    """A support agent."""
    return api_of()


@pytest.fixture
def anybody() -> Api:
    """Without a token."""
    return Api(None)


def addresses(patterns: Sequence[URLPattern | URLResolver], prefix: str = "/api/") -> Iterator[tuple[str, URLPattern]]:
    """Each URL with its pattern, including those of processes, which are mounted beside the API's own."""
    for pattern in patterns:
        address = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, address)
        else:
            yield address, pattern


def said(response: HttpResponse) -> dict[str, Any]:
    return dict(json.loads(response.content))


__all__ = ["Api", "addresses", "known_secrets", "said"]
