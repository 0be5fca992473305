from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailOrdersConfig(AppConfig):
    name = "backoffice.mail_orders"
    verbose_name = _("Orders by mail")
    read_with_cases = ("mail",)
