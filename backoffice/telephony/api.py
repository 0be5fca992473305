"""Where the provider of telephone calls reports how far they are. The API mounts this URL beside its own."""

from __future__ import annotations

from typing import Any

import structlog
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.machines import Signed
from backoffice.telephony import reporting
from backoffice.telephony.adapters.twilio import Forged, Unreadable, read_report

log = structlog.get_logger(__name__)
PROVIDER = Actor(kind=ActorKind.OUTSIDE, id="telephony", channel=Channel.API, proof="signature")


class CallReported(serializers.Serializer[Any]):
    """`taken` says whether the report changed something; a late, doubled or unknown one does not."""

    taken = serializers.BooleanField()


class CallReports(Signed):
    """Status callbacks, as a form. A report that does not arrive does no harm: calls are also looked at."""

    unsigned = (Forged,)

    def not_read(self, request: Request, why: str) -> None:
        log.warning("report of a call not read", why=why)

    @extend_schema(request=dict, responses={200: CallReported})
    def post(self, request: Request) -> Response:
        signature = request.headers.get("x-twilio-signature")
        try:
            line, key = read_report(body=request.body, query=request.META.get("QUERY_STRING", ""), signature=signature)
        except (Forged, Unreadable) as refused:
            log.warning("report of a call refused", why=refused.code)
            raise
        taken = reporting.report(line=line, key=key, by=PROVIDER, now=timezone.now())
        return Response({"taken": taken})


urlpatterns = [path("webhooks/telephony", CallReports.as_view(), name="call-reports")]
