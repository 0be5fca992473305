from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DevstackConfig(AppConfig):
    name = "devstack"
    verbose_name = _("Development stack")
