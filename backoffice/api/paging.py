"""Pages by a cursor over indexed columns: no page counts a million rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView


class Keyset(CursorPagination):
    """Fifty a page. A cursor that we did not give is a 404."""

    page_size = 50

    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValidationError, ValueError):
            raise NotFound(self.invalid_cursor_message) from None


class NewestFirst(Keyset):
    ordering = ("-opened_at", "id")


class DueFirst(Keyset):
    ordering = ("due_at", "id")
