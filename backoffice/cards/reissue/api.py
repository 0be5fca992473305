"""What machines report about cards: signals of fraud (Standard Webhooks), and the issuer's events (with its own
signature). The API mounts these URLs beside its own."""

from __future__ import annotations

import io
from typing import Any

import structlog
from django.conf import settings
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.cards.adapters.stripe_issuing import WebhookForged, WebhookTooOld, read_webhook
from backoffice.cards.models import Card
from backoffice.cards.ports import EventKind
from backoffice.cards.reissue.opening import fraud_signalled
from backoffice.cards.reissue.shipping import UnknownCard, issuer_reported
from backoffice.machines import Signed
from backoffice.parsing import StrictJSONParser
from backoffice.refusals import Invalid, NotFound, Refused

log = structlog.get_logger(__name__)
LONGEST_ID = 90


class PaymentShape(serializers.Serializer[Any]):
    id = serializers.CharField(max_length=60)
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    currency = serializers.RegexField(r"^[A-Z]{3}$")
    merchant = serializers.CharField(max_length=80)
    at = serializers.DateTimeField()


class FraudShape(serializers.Serializer[Any]):
    """`card` is the issuer's token of the card; `payments` are the suspicious ones, at most ten."""

    card = serializers.CharField(max_length=80)
    payments = PaymentShape(many=True, max_length=10, required=False, default=list)  # type: ignore[call-arg]


class Forged(Refused):
    status = 401


class TooOld(Refused):
    status = 400


def _verified(request: Request) -> dict[str, Any]:
    """The content, once its signature is checked. Raises `Forged` (401) or, for a time stamp more than five minutes
    off, `TooOld` (400)."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        Webhook(settings.SIGNALS_SECRET).verify(request.body, headers, json_parse=False)
    except WebhookVerificationError as error:
        log.warning("signal refused", why=str(error))
        if "timestamp" in str(error):
            raise TooOld("old_timestamp", _("This signal was signed too long ago.")) from None
        raise Forged("bad_signature", _("This signal is not signed by a detector that we know.")) from None
    except (ValueError, KeyError):
        raise Forged("bad_signature", _("This signal is not signed by a detector that we know.")) from None
    content = StrictJSONParser().parse(io.BytesIO(request.body))
    if not isinstance(content, dict):
        raise Invalid({"": [_("Send a JSON object.")]})
    return content


def _id_of(request: Request) -> str:
    signal_id = request.headers["webhook-id"]
    if len(signal_id) > LONGEST_ID:
        raise Invalid({"webhook-id": [_("At most %(most)d characters.") % {"most": LONGEST_ID}]})
    return signal_id


class Fraud(Signed):
    """A signal of fraud blocks the card and opens a case, within a second. The same `webhook-id` twice counts once."""

    unsigned = (Forged, TooOld)

    @extend_schema(request=FraudShape, responses={202: dict, 200: dict})
    def post(self, request: Request) -> Response:
        told = FraudShape(data=_verified(request).get("data"))
        told.is_valid(raise_exception=True)
        signal_id = _id_of(request)
        card = Card.objects.select_related("customer").filter(issuer_token=told.validated_data["card"]).first()
        if card is None:
            raise NotFound("unknown_card", _("There is no such card."), field="card")
        payments = [
            {name: str(value) for name, value in payment.items()} for payment in told.validated_data["payments"]
        ]
        detector = Actor(kind=ActorKind.OUTSIDE, id="detector", channel=Channel.API, proof="signature")
        case, new = fraud_signalled(signal_id=signal_id, card=card, payments=payments, by=detector)
        if not new:
            log.warning("signal without effect", signal=signal_id, case=case.reference)
        return Response({"case": case.reference, "new": new}, status=202 if new else 200)


class IssuerEvents(Signed):
    """Webhooks of the issuer. An event about a card that we do not know yet is answered 409, and comes again."""

    unsigned = (WebhookForged, WebhookTooOld)

    @extend_schema(request=dict, responses={200: dict})
    def post(self, request: Request) -> Response:
        try:
            event = read_webhook(body=request.body, signature=request.headers.get("stripe-signature"))
        except Refused as refused:
            log.warning("issuer's event refused", why=refused.code)
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


urlpatterns = [
    path("signals/fraud", Fraud.as_view(), name="fraud"),
    path("webhooks/issuer", IssuerEvents.as_view(), name="issuer-events"),
]
