from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TelephonyConfig(AppConfig):
    name = "backoffice.telephony"
    verbose_name = _("Telephone calls")
    read_with_cases = ("call", "strayreport")
    rights = "backoffice.telephony.rights.ROWS"
    machines = "backoffice.telephony.api"
