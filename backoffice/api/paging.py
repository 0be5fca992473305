"""The one pager of the house (`ui.paging`) as Django REST framework wants it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from backoffice.ui.paging import page_of

ROWS = 50


class _Pages(BasePagination):
    """`{"next", "results"}`: fifty rows, and the address of the following page, null on the last one. A list is read
    forwards only, and nobody counts it. A cursor that is none is a 400 on `after`."""

    order: Sequence[str]

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        rows: QuerySet[Any] = queryset
        page = page_of(rows, order=self.order, after=request.query_params.get("after", ""), size=ROWS)
        here = request.build_absolute_uri()
        self._next = replace_query_param(here, "after", page.after) if page.after else None
        return list(page.rows)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self._next, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        following = {"type": "string", "format": "uri", "nullable": True, "description": "null on the last page"}
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {"next": following, "results": schema},
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        told = "Where the page begins; follow `next` rather than making it. Without it, the first page."
        return [{"name": "after", "in": "query", "required": False, "description": told, "schema": {"type": "string"}}]


class NewestFirst(_Pages):
    order = ("-opened_at", "id")


class DueFirst(_Pages):
    order = ("due_at", "id")
