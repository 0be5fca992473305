from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SecurityConfig(AppConfig):
    name = "backoffice.security"
    verbose_name = _("Security")

    def ready(self) -> None:
        """Refuses unsafe settings. Every OS process of the product runs this, whatever else is installed."""
        from backoffice.security import checks

        checks.refuse_if_unsafe()
