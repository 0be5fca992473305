from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagesConfig(AppConfig):
    name = "backoffice.messages"
    label = "outgoing"
    verbose_name = _("Messages")

    def ready(self) -> None:
        from backoffice.messages import catalogue, notices

        for notice in (notices.ADDRESS_CHANGED, notices.NUMBER_MOVED, notices.AUTHENTICATOR_ADDED):
            catalogue.register(notice)
