from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse


def livez(request: HttpRequest) -> JsonResponse:
    """This process answers."""
    return JsonResponse({"live": True})


def readyz(request: HttpRequest) -> JsonResponse:
    """This process can do its work. It needs only the database for that: faces take answers without broker and
    engine."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"ready": False, "database": "away"}, status=503)
    return JsonResponse({"ready": True})
