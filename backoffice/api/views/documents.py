from __future__ import annotations

import io
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backoffice.api.access import SeesCases, caller
from backoffice.documents import adding
from backoffice.documents.models import Paper
from backoffice.refusals import Invalid


class Documents(APIView):
    permission_classes = [SeesCases]
    parser_classes = [MultiPartParser]

    @extend_schema(
        request={
            "multipart/form-data": {
                "type": "object",
                "properties": {
                    "item": {"type": "string", "format": "uuid"},
                    "field": {"type": "string"},
                    "kind": {"type": "string", "enum": Paper.values},
                    "file": {"type": "string", "format": "binary"},
                },
                "required": ["item", "field", "file"],
            }
        },
        responses={201: OpenApiTypes.OBJECT},
    )
    def post(self, request: Request) -> Response:
        """Adds a file to a field of a work item's form, before the item is answered. The same rule as on the pages: a
        PDF, JPEG or PNG of at most 10 MB and 30 pages, in which nothing acts by itself. `kind` says which paper it
        shows, where the field asks for that; without it, the form."""
        file, typed = request.FILES.get("file"), request.POST
        item_id = _uuid(typed.get("item"))
        errors = {
            "file": [] if file else [_("Send a file.")],
            "item": [] if item_id else [_("Name the work item by its id.")],
        }
        if wrong := {name: sentences for name, sentences in errors.items() if sentences}:
            raise Invalid(wrong)
        assert file is not None
        assert item_id is not None
        document = adding.add(
            item_id=item_id,
            field=str(typed.get("field", "")),
            file=io.BytesIO(file.read()),
            name=file.name or "",
            kind=str(typed.get("kind", "")),
            by=caller(request),
        )
        told = {"id": str(document.public_id), "type": document.media_type, "pages": document.pages}
        return Response({**told, "size": document.size, "sha256": document.sha256}, status=201)


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
