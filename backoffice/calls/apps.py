from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CallsConfig(AppConfig):
    name = "backoffice.calls"
    verbose_name = _("Calls")
    read_with_cases = ("call", "callback")

    def ready(self) -> None:
        from backoffice.calls.back import following

        following.watch()
