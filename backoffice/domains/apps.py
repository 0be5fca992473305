from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DomainsConfig(AppConfig):
    name = "backoffice.domains"
    verbose_name = _("Domains")
    read_with_cases = ("domain",)

    def ready(self) -> None:
        from backoffice.customers import records
        from backoffice.domains.records import KIND

        records.register(KIND)
