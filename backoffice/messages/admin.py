from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.http import HttpRequest

from backoffice.messages.models import Message

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Message]
else:
    _Admin = admin.ModelAdmin


@admin.register(Message)
class MessageAdmin(_Admin):
    """What leaves, to read only: what waits, what was sent, and what failed and why."""

    list_display = ["contact", "template", "point", "state", "send_after", "sent_at", "tries", "error"]
    list_filter = ["state", "template"]
    list_select_related = ["contact", "point"]
    search_fields = ["=contact__reference", "=contact__case_reference"]
    show_full_result_count = False
    ordering = ["-send_after"]
    fields = ["contact", "template", "point", "state", "send_after", "sent_at", "tries", "error"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False
