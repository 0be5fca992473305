from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "backoffice.cases"
    verbose_name = _("Cases")

    def ready(self) -> None:
        """Tells the room of the customers which case lets a member of staff read a record."""
        from backoffice.cases.need_to_know import case_that_needs
        from backoffice.customers.reading import find_case_with

        find_case_with(case_that_needs)
