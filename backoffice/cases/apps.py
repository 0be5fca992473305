from __future__ import annotations

from functools import partial

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "backoffice.cases"
    verbose_name = _("Cases")

    def ready(self) -> None:
        """Loads the catalogue of processes, registers the functions that find the case for which staff may read a
        customer's record and the process that a call is about, and keeps from the lists of the admin what a person is
        kept from."""
        from django.conf import settings

        from backoffice.cases import catalogue, keeping_from
        from backoffice.cases.models import Case, Command, Event, WorkItem
        from backoffice.cases.need_to_know import case_that_needs
        from backoffice.cases.teams import topmost_process
        from backoffice.customers.reading import find_case_with
        from backoffice.messages.models import Message
        from backoffice.staff.read_only import narrow
        from backoffice.telephony.live import teams
        from backoffice.telephony.models import Call
        from backoffice.trust.models import Contact

        find_case_with(case_that_needs)
        teams.found_by(topmost_process)
        paths = {Case: "pk", Contact: "case_id", Call: "case_id", Message: "contact__case_id"} | dict.fromkeys(
            (Command, Event, WorkItem), "case"
        )
        for model, path in paths.items():
            narrow(model, partial(keeping_from.visible, case=path))
        catalogue.load(settings.PROCESSES)
