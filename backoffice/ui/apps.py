from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest


def _signed_in(*, request: HttpRequest | None, user: Any, **_rest: object) -> None:
    from backoffice.ui import kept_pages, staying

    if request is not None:
        staying.begin(request, user)
        kept_pages.look_again(request, user)


class UiConfig(AppConfig):
    name = "backoffice.ui"

    def ready(self) -> None:
        user_logged_in.connect(_signed_in, dispatch_uid="ui.signed_in")
