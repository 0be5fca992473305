"""What passed between us and the registries, to look at."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from backoffice.domains.models import RegistryCommand, RegistryMessage
from backoffice.staff.read_only import ReadOnlyAdmin


@admin.register(RegistryCommand)
class RegistryCommandAdmin(ReadOnlyAdmin[RegistryCommand]):
    list_display = ["name", "verb", "state", "code", "sent_at", "tries"]
    list_filter = ["state", "sent_at"]
    search_fields = ["=name", "=svtrid"]
    search_help_text = _("A whole name, or the registry's id of its answer")
    ordering = ["-sent_at"]
    fields = ["name", "verb", "state", "code", "svtrid", "trid", "tries", "first_sent_at", "sent_at", "answered_at"]


@admin.register(RegistryMessage)
class RegistryMessageAdmin(ReadOnlyAdmin[RegistryMessage]):
    list_display = ["number", "at", "text", "name", "taken"]
    list_filter = ["taken", "at"]
    search_fields = ["=name"]
    search_help_text = _("The whole name of a domain")
    fields = ["number", "at", "text", "name", "state", "asked_by", "asked_at", "decides", "until", "read_at", "taken"]
