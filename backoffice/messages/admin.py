from __future__ import annotations

from django.contrib import admin

from backoffice.customers.models import Customer
from backoffice.customers.record_admin import RecordAdmin
from backoffice.messages.models import Message


@admin.register(Message)
class MessageAdmin(RecordAdmin[Message]):
    """The messages, to read only: those that wait, those that were sent, and those that failed. Why, and to which
    address, stands on the page of each."""

    list_display = ["contact", "state", "send_after", "sent_at", "tries"]
    list_filter = ["state"]
    list_select_related = ["contact"]
    search_fields = ["=contact__reference", "=contact__case_reference"]
    show_full_result_count = False
    ordering = ["-send_after"]
    fields = ["contact", "template", "point", "state", "send_after", "sent_at", "tries", "error"]

    def customer_of(self, record: Message) -> Customer | None:
        return record.contact.customer
