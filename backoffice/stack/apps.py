from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StackConfig(AppConfig):
    name = "backoffice.stack"
    verbose_name = _("Embedded stack")
