"""What telephone companies report: a number whose SIM was swapped, or that was ported. They sign what they send
(Standard Webhooks, `NUMBERS_SECRET`); without a secret nobody can. The API mounts this URL beside its own."""

from __future__ import annotations

import json
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
from backoffice.cases import alarms
from backoffice.contact_changes.models import Moved
from backoffice.contact_changes.number_signals import number_signalled
from backoffice.machines import Signed, is_signed, signed_id
from backoffice.refusals import Invalid, Refused
from workflows.contact_change.spec import CONTACT_CHANGE

log = structlog.get_logger(__name__)
LONGEST_ID = 90


class NumberSignalShape(serializers.Serializer[Any]):
    """`number` is in international form, with its +."""

    number = serializers.CharField(max_length=40)
    what = serializers.ChoiceField(choices=Moved.choices)


class NumberSignalTaken(serializers.Serializer[Any]):
    """The same for each number, whether anybody has it on file or not, and for a signal that comes again."""

    taken = serializers.BooleanField()


class Unsigned(Refused):
    status = 401


class Numbers(Signed):
    """A number is in other hands: it is no longer called or sent codes, what is open for its customer is paused, and
    the customer is told on every other channel. The same `webhook-id` twice counts once."""

    unsigned = (Unsigned,)

    def not_read(self, request: Request, why: str) -> None:
        log.warning("signal about a number not read", why=why)
        told = {"fields": {"": [why]}, "text": ""}
        code, now = "number_signal_not_read", timezone.now()
        alarms.sound_while_none_is_open(process=CONTACT_CHANGE.name, code=code, told=told, now=now)

    @extend_schema(request=NumberSignalShape, responses={202: NumberSignalTaken})
    def post(self, request: Request) -> Response:
        if not is_signed(request, settings.NUMBERS_SECRET):
            raise Unsigned("bad_signature", _("This is not signed by a telephone company that we know."))
        told = _told(request)
        number_signalled(
            signal_id=signed_id(request, longest=LONGEST_ID),
            number=told["number"],
            what=Moved(told["what"]),
            by=Actor(kind=ActorKind.OUTSIDE, id="telephone_company", channel=Channel.API, proof="signature"),
            now=timezone.now(),
        )
        return Response({"taken": True}, status=202)


def _told(request: Request) -> dict[str, Any]:
    """Raises `Invalid` with every fault on its field."""
    try:
        content = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Invalid({"": [_("Send one object in JSON.")]}) from None
    shape = NumberSignalShape(data=content)
    if not shape.is_valid():
        raise Invalid({name: [str(one) for one in faults] for name, faults in shape.errors.items()})
    return dict(shape.validated_data)


urlpatterns = [path("signals/number", Numbers.as_view(), name="number-signals")]
