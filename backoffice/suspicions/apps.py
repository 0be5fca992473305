from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SuspicionsConfig(AppConfig):
    name = "backoffice.suspicions"
    verbose_name = _("Suspicious contacts")
