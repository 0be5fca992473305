from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.trust.models import Contact

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Contact]
else:
    _Admin = admin.ModelAdmin


@admin.register(Contact)
class ContactAdmin(_Admin):
    """The contact register, to read only: what is registered stays."""

    list_display = ["reference", "at", "direction", "channel", "subject", "address_masked", "case_reference"]
    list_filter = ["channel", "direction", "purpose"]
    search_fields = ["=reference", "=case_reference"]
    search_help_text = _("Check code or case reference")
    show_full_result_count = False
    ordering = ["-at"]
    fields = [
        "reference",
        "at",
        "direction",
        "channel",
        "purpose",
        "subject",
        "address_masked",
        "case_reference",
        "customer",
        "by",
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Contact | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Contact | None = None) -> bool:
        return False
