from __future__ import annotations

from django.contrib import admin

from backoffice.messages.models import Message
from backoffice.staff.read_only import ReadOnlyAdmin


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin[Message]):
    """The messages, to read only: those that wait, those that were sent, and those that failed, with the reason."""

    list_display = ["contact", "template", "point", "state", "send_after", "sent_at", "tries", "error"]
    list_filter = ["state", "template"]
    list_select_related = ["contact", "point"]
    search_fields = ["=contact__reference", "=contact__case_reference"]
    show_full_result_count = False
    ordering = ["-send_after"]
    fields = ["contact", "template", "point", "state", "send_after", "sent_at", "tries", "error"]
