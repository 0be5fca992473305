from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    name = "backoffice.webhooks"
    verbose_name = _("Webhooks")
    read_with_cases = ("endpoint", "delivery", "attempt")
    rights = "backoffice.webhooks.rights.ROWS"
