from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CardsConfig(AppConfig):
    name = "backoffice.cards"
    verbose_name = _("Cards")
    read_with_cases = ("card", "mandate", "biller")

    def ready(self) -> None:
        from backoffice.cards import checks
        from backoffice.cards.autopay.records import KIND as MANDATES
        from backoffice.cards.records import KIND
        from backoffice.customers import records

        records.register(KIND)
        records.register(MANDATES)
        checks.refuse_if_unsafe()
