from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactChangesConfig(AppConfig):
    name = "backoffice.contact_changes"
    verbose_name = _("Contact changes")
    read_with_cases = ("contactchange",)
