from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "backoffice.payments"
    verbose_name = _("Payments")
    read_with_cases = ("merchant", "suspension")
    rights = "backoffice.payments.ledger.rights.ROWS"
