from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactChangesConfig(AppConfig):
    name = "backoffice.contact_changes"
    verbose_name = _("Contact changes")
    read_with_cases = ("contactchange",)

    def ready(self) -> None:
        from backoffice.contact_changes.number_signals import number_noted
        from backoffice.contact_changes.opening import page_at_desk
        from backoffice.customers import moved_numbers, new_addresses

        new_addresses.register(page_at_desk)
        moved_numbers.follow(number_noted)
