"""What machines report about cards: signals of fraud (Standard Webhooks), and the issuer's events (with its own
signature). The API mounts these URLs beside its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

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
from backoffice.cards.adapters.stripe_issuing import read_webhook
from backoffice.cards.ports import EventKind
from backoffice.cards.reissue.keeping import short
from backoffice.cards.reissue.shipping import UnknownCard, issuer_reported
from backoffice.cards.reissue.signals import CardClosed, fraud_signalled, is_known, note_details
from backoffice.cards.reissue.understanding import Details, card_of, content_of, details_of, named_card, whole
from backoffice.cases import alarms
from backoffice.machines import Signed
from backoffice.refusals import NotFound, Refused
from backoffice.stripe_api.signed_events import WebhookForged, WebhookTooOld, WebhookUnreadable
from workflows.card_reissue.spec import CARD_REISSUE

log = structlog.get_logger(__name__)
LONGEST_ID = 90


class PaymentShape(serializers.Serializer[Any]):
    """Each field may be missing or unreadable: it is then named in the answer."""

    id = serializers.CharField(required=False)
    amount = serializers.CharField(required=False)
    currency = serializers.CharField(required=False)
    merchant = serializers.CharField(required=False)
    at = serializers.DateTimeField(required=False)


class FraudShape(serializers.Serializer[Any]):
    """`card` is the issuer's token of the card, and all that is needed; `payments` are the suspicious ones."""

    card = serializers.CharField(max_length=80)
    payments = PaymentShape(many=True, required=False)


class Taken(serializers.Serializer[Any]):
    """`not_understood` names each field that could not be read, with the reason; the rest of the signal counts."""

    case = serializers.CharField()
    new = serializers.BooleanField()
    not_understood = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)


class Forged(Refused):
    status = 401


class TooOld(Refused):
    status = 400


class NoCard(Refused):
    status = 400


class _Signature(Webhook):
    """Also of bytes that are not UTF-8, which the library does not take: a name in another encoding is only a
    detail."""

    def sign(self, msg_id: str, timestamp: datetime, data: str) -> str:
        signed = f"{msg_id}.{int(timestamp.timestamp())}.{data}".encode(errors="surrogateescape")
        return f"v1,{base64.b64encode(hmac.digest(self._whsecret, signed, 'sha256')).decode()}"

    def is_ours(self, body: str, headers: Mapping[str, str]) -> bool:
        """Whether this was signed with our secret, however long ago."""
        at = datetime.fromtimestamp(float(headers["webhook-timestamp"]), UTC)
        expected = self.sign(headers["webhook-id"], at, body)
        told = headers["webhook-signature"].encode(errors="replace").split(b" ")
        return any(hmac.compare_digest(expected.encode(), one) for one in told)


def _check_signature(request: Request) -> None:
    """Raises `Forged` (401) or, for a time stamp more than five minutes off, `TooOld` (400). If a signal that we have
    not taken is really the detector's and only too old, its clock or its network is wrong: an alarm says so."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    signature, body = _Signature(settings.SIGNALS_SECRET), request.body.decode(errors="surrogateescape")
    try:
        signature.verify(body, headers, json_parse=False)
    except WebhookVerificationError as error:
        log.warning("signal refused", why=str(error))
        if "timestamp" in str(error):
            if signature.is_ours(body, headers) and not is_known(_id_of(request)):
                _sound("signal_too_old", request, content_of(request.body))
            raise TooOld("old_timestamp", _("This signal was signed too long ago.")) from None
        raise Forged("bad_signature", _("This signal is not signed by a detector that we know.")) from None
    except (ValueError, KeyError, TypeError):
        raise Forged("bad_signature", _("This signal is not signed by a detector that we know.")) from None


def _id_of(request: Request) -> str:
    """The signal's own id, or a hash of it where it is too long to be kept or is not plain text."""
    told: str = request.headers["webhook-id"]
    plain = len(told) <= LONGEST_ID and told.isascii() and told.isprintable()
    return told if plain else f"sha256:{hashlib.sha256(told.encode(errors='replace')).hexdigest()}"


class Fraud(Signed):
    """A signal of fraud blocks the card and opens a case, within a second. Only its signature and its card are needed
    for that; what else it says is read afterwards, as far as it can be read. The same `webhook-id` twice counts once.
    """

    unsigned = (Forged, TooOld)

    def not_read(self, request: Request, why: str) -> None:
        _sound_not_read("signal_not_read", request, why, request.headers.get("webhook-id", ""))

    @extend_schema(request=FraudShape, responses={202: Taken, 200: Taken})
    def post(self, request: Request) -> Response:
        _check_signature(request)
        signal_id, content = _id_of(request), content_of(request.body)
        card = card_of(request.body, content)
        if card is None:
            _nothing_blocked(request, content)
        detector = Actor(kind=ActorKind.OUTSIDE, id="detector", channel=Channel.API, proof="signature")
        try:
            case, new = fraud_signalled(signal_id=signal_id, card=card, by=detector)
        except CardClosed:
            details = _sound("signal_of_closed_card", request, content)
            return Response({"case": "", "new": False, "not_understood": details.not_understood}, status=202)
        details = details_of(request.body, content)
        note_details(signal_id=signal_id, details=details, by=detector)
        if not new:
            log.warning("signal without effect", signal=signal_id, case=case.reference)
        answer = {"case": case.reference, "new": new}
        if details.not_understood:
            answer["not_understood"] = details.not_understood
        return Response(answer, status=202 if new else 200)


def _nothing_blocked(request: Request, content: Any) -> NoReturn:
    """Raises `NotFound` for a card that we do not know, and `NoCard` where none is named; a person is told of both."""
    if named_card(content):
        _sound("signal_of_unknown_card", request, content)
        raise NotFound("unknown_card", _("There is no such card."), field="card")
    _sound("signal_without_card", request, content)
    raise NoCard("no_card", _("Send the issuer's token of the card, as a text."), field="card")


def _sound(code: str, request: Request, content: Any) -> Details:
    """Sounds an alarm with all that the signal said, once for each signal."""
    details, signal_id = details_of(request.body, content), _id_of(request)
    log.warning("signal blocked nothing", signal=signal_id, why=code)
    told = {"fields": details.not_understood, "text": whole(request.body, content)}
    alarms.sound(process=CARD_REISSUE.name, code=code, key=f"signal:{signal_id}", told=told, now=timezone.now())
    return details


def _sound_not_read(code: str, request: Request, why: str, told_id: str) -> None:
    """Nobody knows who sent it, for its signature is of all of it. Nothing of it is kept but its size and its id."""
    size = request.META.get("CONTENT_LENGTH") or "?"
    log.warning("report of a machine not read", why=why, bytes=size)
    told = {"fields": {"": [why]}, "text": short(f"{size} bytes; {told_id}")}
    alarms.sound_while_none_is_open(process=CARD_REISSUE.name, code=code, told=told, now=timezone.now())


class IssuerEvents(Signed):
    """Webhooks of the issuer. An event about a card that we do not know yet is answered 409, and comes again."""

    unsigned = (WebhookForged, WebhookTooOld)

    def not_read(self, request: Request, why: str) -> None:
        _sound_not_read("event_not_read", request, why, "")

    @extend_schema(request=dict, responses={200: dict})
    def post(self, request: Request) -> Response:
        try:
            event = read_webhook(body=request.body, signature=request.headers.get("stripe-signature"))
        except Refused as refused:
            log.warning("issuer's event refused", why=refused.code)
            if isinstance(refused, WebhookUnreadable):
                _sound_of_event(request.body)
            raise
        if event.kind is EventKind.OTHER:
            return Response({"taken": False})
        issuer = Actor(kind=ActorKind.OUTSIDE, id="issuer", channel=Channel.API, proof="signature")
        try:
            taken = issuer_reported(event, by=issuer)
        except UnknownCard:
            log.warning("issuer's event about an unknown card", event_id=event.id)
            return Response({"code": "unknown_card", "sentence": _("There is no such card."), "field": ""}, status=409)
        if not taken:
            log.info("issuer's event without effect", event_id=event.id)
        return Response({"taken": taken})


def _sound_of_event(body: bytes) -> None:
    """The issuer sends an event again that we cannot read, and then gives up: a person is told, once."""
    told = {"fields": {}, "text": whole(body, content_of(body))}
    key = f"event:{hashlib.sha256(body).hexdigest()}"
    alarms.sound(process=CARD_REISSUE.name, code="event_unreadable", key=key, told=told, now=timezone.now())


urlpatterns = [
    path("signals/fraud", Fraud.as_view(), name="fraud"),
    path("webhooks/issuer", IssuerEvents.as_view(), name="issuer-events"),
]
