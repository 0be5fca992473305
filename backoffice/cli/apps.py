from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CliConfig(AppConfig):
    name = "backoffice.cli"
    verbose_name = _("command line")
