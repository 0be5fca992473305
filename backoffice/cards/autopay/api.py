"""What machines report about recurring payments: the account updater's responses (`files.py`, signed as Standard
Webhooks say), and billers that have the new card. The API mounts these URLs beside its own."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
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
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.cards.autopay import answers, files, ticking
from backoffice.cards.autopay.models import Biller
from backoffice.cases import alarms
from backoffice.machines import Signed
from backoffice.refusals import Refused
from workflows.autopay_update.spec import AUTOPAY_UPDATE

log = structlog.get_logger(__name__)
DAMAGED = "file_unreadable"


class ResponseForged(Refused):
    """It is not signed by who should have sent it."""

    status = 401


class ResponseTooOld(Refused):
    """It was signed more than five minutes ago."""

    status = 400


class ResponseUnreadable(Refused):
    status = 400


class AutopayAnswers(serializers.Serializer[Any]):
    """`again` says that this response was taken before; `found` counts payments that we did not know. `apart` names the
    lines that changed nothing, each with the reason."""

    again = serializers.BooleanField()
    moved = serializers.IntegerField()
    noted = serializers.IntegerField()
    found = serializers.IntegerField()
    apart = serializers.DictField(child=serializers.CharField())


class CardOnFileShape(serializers.Serializer[Any]):
    """`line` is the id that we gave the payment in our webhook."""

    line = serializers.UUIDField()


class CardOnFileTaken(serializers.Serializer[Any]):
    new = serializers.BooleanField()


def _verify(request: Request, secret: str) -> None:
    """Raises `ResponseForged` (401) or `ResponseTooOld` (400). Without a secret nobody can have signed it."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    forged = ResponseForged("bad_signature", _("This is not signed by anybody that we know."))
    if not secret:
        raise forged
    try:
        Webhook(secret).verify(request.body, headers, json_parse=False)
    except WebhookVerificationError as error:
        log.warning("report refused", why=str(error))
        if "timestamp" in str(error):
            raise ResponseTooOld("old_timestamp", _("This was signed too long ago.")) from None
        raise forged from None
    except (ValueError, KeyError, TypeError):
        raise forged from None


class _Reports(Signed):
    unsigned = (ResponseForged, ResponseTooOld)

    def not_read(self, request: Request, why: str) -> None:
        log.warning("report not read", why=why)
        told = {"fields": {"": [why]}, "text": ""}
        process, now = AUTOPAY_UPDATE.name, timezone.now()
        alarms.sound_while_none_is_open(process=process, code="report_not_read", told=told, now=now)


class UpdaterResponses(_Reports):
    """A response file of the account updater. The same response twice counts once; a damaged file is refused, and a
    person is told."""

    @extend_schema(request={"text/plain": str}, responses={200: AutopayAnswers})
    def post(self, request: Request) -> Response:
        _verify(request, settings.UPDATER_SECRET)
        try:
            response = files.read_response(request.body.decode("ascii", errors="replace"))
        except files.Unreadable as damaged:
            _sound_damaged(request.body, str(damaged))
            raise ResponseUnreadable("unreadable", _("We cannot read this file.")) from None
        updater = Actor(kind=ActorKind.OUTSIDE, id="account_updater", channel=Channel.API, proof="signature")
        taken = answers.take(response=response, by=updater, now=timezone.now())
        told = {"again": taken.again, "moved": taken.moved, "noted": taken.noted}
        return Response({**told, "found": taken.found, "apart": taken.apart})


class CardOnFile(_Reports):
    """A biller says that it has the new card, signed with its own secret."""

    @extend_schema(request=CardOnFileShape, responses={200: CardOnFileTaken})
    def post(self, request: Request, biller: uuid.UUID) -> Response:
        found = Biller.objects.filter(public_id=biller).first()
        _verify(request, found.secret if found and found.secret else "")
        assert found is not None
        told = _line_of(request.body)
        who = Actor(kind=ActorKind.OUTSIDE, id=str(found.public_id), channel=Channel.API, proof="signature")
        return Response({"new": ticking.confirmed(biller=found, line_id=told, by=who, now=timezone.now())})


def _line_of(body: bytes) -> uuid.UUID:
    try:
        content = json.loads(body)
        told = content["line"] if isinstance(content, Mapping) else None
        return uuid.UUID(str(told))
    except (ValueError, KeyError, RecursionError):
        sentence = _("Send the id of the payment that we gave you, as “line”.")
        raise ResponseUnreadable("no_line", sentence, field="line") from None


def _sound_damaged(body: bytes, why: str) -> None:
    """Once for each such file. What it says is not kept: it may be anything."""
    digest = hashlib.sha256(body).hexdigest()
    told = {"fields": {"": [why]}, "text": f"{len(body)} bytes, SHA-256 {digest[:16]}…"}
    key = f"updater:file:{digest}"
    alarms.sound(process=AUTOPAY_UPDATE.name, code=DAMAGED, key=key, told=told, now=timezone.now())


urlpatterns = [
    path("webhooks/account-updater", UpdaterResponses.as_view(), name="account-updater"),
    path("webhooks/billers/<uuid:biller>", CardOnFile.as_view(), name="card-on-file"),
]
