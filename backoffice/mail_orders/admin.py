"""Mails in the admin: what was done with them, and nothing of what is in them. They change through the rules of this
app, never through a form."""

from __future__ import annotations

from django.contrib import admin

from backoffice.mail_orders.models import Mail
from backoffice.staff.read_only import ReadOnlyAdmin


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin[Mail]):
    list_display = ["reference", "state", "hint", "received_at", "size", "answered"]
    list_filter = ["state", "hint", "answered"]
    search_fields = ["=reference", "=case__reference"]
    search_help_text = "K7Q-4MX-2"
    date_hierarchy = "received_at"
    fields = ["reference", "state", "hint", "reasons", "received_at", "size", "case", "asks", "aside", "answered"]
