from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VisitsConfig(AppConfig):
    name = "backoffice.visits"
    verbose_name = _("Visits")
    read_with_cases = ("visit",)
