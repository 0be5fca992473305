from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.http import HttpRequest

from backoffice.visits.models import Slot, Visit

if TYPE_CHECKING:
    _Visits = admin.ModelAdmin[Visit]
    _Slots = admin.ModelAdmin[Slot]
else:
    _Visits = _Slots = admin.ModelAdmin


class _ReadOnly:
    """Visits and calendars change through the rules of this app, never through a form field."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Visit)
class VisitAdmin(_ReadOnly, _Visits):
    list_display = ("case", "state", "starts", "ends", "visitor", "found")
    list_filter = ("state", "found")
    search_fields = ("=case__reference",)
    search_help_text = "K7Q-4MX-2"
    list_select_related = ("case", "visitor")
    date_hierarchy = "starts"
    fields = (
        "case",
        "state",
        "attempt",
        "place",
        "starts",
        "ends",
        "visitor",
        "first_in_line",
        "checked_in_at",
        "coarse_place",
        "location_refused",
        "found",
        "found_at",
    )


@admin.register(Slot)
class SlotAdmin(_ReadOnly, _Slots):
    list_display = ("visitor", "starts", "ends", "kept_for_missed", "taken_by")
    list_filter = ("kept_for_missed",)
    list_select_related = ("visitor", "taken_by__case")
    search_fields = ("visitor__username",)
    date_hierarchy = "starts"
    ordering = ("starts", "visitor_id")
