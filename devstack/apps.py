from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StackConfig(AppConfig):
    name = "backoffice.stack"
    verbose_name = _("Embedded stack")

    def ready(self) -> None:
        """Refuses unsafe settings: the one place that every process of the product comes through."""
        from backoffice import safety

        safety.refuse_if_unsafe()
