from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagesConfig(AppConfig):
    name = "backoffice.messages"
    label = "outgoing"
    verbose_name = _("Messages")
