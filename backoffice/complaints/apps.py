from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplaintsConfig(AppConfig):
    name = "backoffice.complaints"
    verbose_name = _("Complaints")
    read_with_cases = ("complaint",)
