"""Where the payment provider reports what happened to payments. The API mounts this URL beside its own."""

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
from backoffice.payments.provider import taking
from backoffice.payments.provider.events import read_event
from backoffice.refusals import Refused
from backoffice.stripe_api.signed_events import WebhookForged, WebhookTooOld

log = structlog.get_logger(__name__)
PROVIDER = Actor(kind=ActorKind.OUTSIDE, id="payments", channel=Channel.API, proof="signature")


class PaymentReported(serializers.Serializer[Any]):
    """`taken` says whether somebody here knew the payment; a doubled report, and one of no payment, is not taken."""

    taken = serializers.BooleanField()


class SignedTooLongAgo(Refused):
    """The provider's signature is right and too old: perhaps a replay, so it proves nobody."""

    status = 401


class PaymentReports(Signed):
    """Webhooks of the provider, each with an id by which it counts once. A report that does not arrive does no harm:
    payments are also looked at."""

    unsigned = (WebhookForged, SignedTooLongAgo)

    def not_read(self, request: Request, why: str) -> None:
        log.warning("report of payments not read", why=why)

    @extend_schema(request=dict, responses={200: PaymentReported})
    def post(self, request: Request) -> Response:
        try:
            event = read_event(body=request.body, signature=request.headers.get("stripe-signature"))
        except Refused as refused:
            log.warning("report of payments refused", why=refused.code)
            if isinstance(refused, WebhookTooOld):
                raise SignedTooLongAgo(refused.code, refused.sentence) from None
            raise
        taken = event is not None and taking.take(event=event, by=PROVIDER, now=timezone.now())
        return Response({"taken": taken})


urlpatterns = [path("webhooks/payments", PaymentReports.as_view(), name="payment-reports")]
