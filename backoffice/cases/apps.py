from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "backoffice.cases"
    verbose_name = _("Cases")

    def ready(self) -> None:
        """Loads the catalogue of processes, and registers the function that finds the case for which staff may read a
        customer's record."""
        from django.conf import settings

        from backoffice.cases import catalogue
        from backoffice.cases.need_to_know import case_that_needs
        from backoffice.customers.reading import find_case_with

        find_case_with(case_that_needs)
        catalogue.load(settings.PROCESSES)
