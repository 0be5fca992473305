"""Where the provider of telephone calls reports how far they are. The API mounts this URL beside its own."""

from __future__ import annotations

from typing import Any

import structlog
from django.conf import settings
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.machines import Signed, is_signed
from backoffice.refusals import Refused
from backoffice.telephony import conversations, menu, menu_branches, menu_calls, reporting, waking
from backoffice.telephony.adapters.twilio import Forged, Unreadable, read_report
from backoffice.telephony.adapters.voice_gateway import UnreadableEvent, line_in, read_event
from backoffice.voice.contract import Arrived

log = structlog.get_logger(__name__)
PROVIDER = Actor(kind=ActorKind.OUTSIDE, id="telephony", channel=Channel.API, proof="signature")
GATEWAY = Actor(kind=ActorKind.OUTSIDE, id="voice_gateway", channel=Channel.API, proof="signature")


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


class NotTheGateway(Refused):
    """The event is not signed by our voice gateway."""

    status = 401


class VoiceEvents(Signed):
    """What the voice gateway tells, as JSON: of the customer's line of our own calls, of who rang our number, and of
    conversations that belong to rooms above."""

    unsigned = (NotTheGateway,)

    def not_read(self, request: Request, why: str) -> None:
        log.warning("event of the voice gateway not read", why=why)

    @extend_schema(request=dict, responses={200: CallReported})
    def post(self, request: Request) -> Response:
        if not is_signed(request, settings.VOICE_EVENTS_SECRET):
            raise NotTheGateway("bad_signature", _("This is not signed by our voice gateway."))
        try:
            event = read_event(request.body)
        except UnreadableEvent:
            log.warning("event of the voice gateway refused", why="unreadable")
            raise Unreadable("unreadable", _("We cannot read this event.")) from None
        if (takes := conversations.room_of(event.conversation)) is not None:
            return Response({"taken": takes(event, GATEWAY, timezone.now())})
        if isinstance(event.what, Arrived):
            told = {"conversation": event.conversation, "caller": event.what.caller}
            menu_calls.note(**told, by=GATEWAY, now=timezone.now())
        if (step := menu.step_of(event)) is not None:
            waking.proceed_in_menu(event.conversation, step[0].value, step[1])
            return Response({"taken": True})
        if menu_branches.hear(event, GATEWAY, timezone.now()):
            return Response({"taken": True})
        line = line_in(event)
        taken = line is not None and reporting.report(line=line, key=line.id, by=PROVIDER, now=timezone.now())
        return Response({"taken": taken})


urlpatterns = [
    path("webhooks/telephony", CallReports.as_view(), name="call-reports"),
    path("webhooks/voice", VoiceEvents.as_view(), name="voice-events"),
]
