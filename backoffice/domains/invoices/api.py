"""What the accounting system reports: money that came for an invoice, and that a report of it was wrong. It signs what
it sends (Standard Webhooks, `ACCOUNTING_SECRET`); without a secret nobody can. The API mounts this URL beside its own.
"""

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
from backoffice.domains.invoices import due, paying
from backoffice.domains.invoices.models import Invoice, InvoicePayment
from backoffice.machines import Signed, is_signed
from backoffice.refusals import Invalid, NotFound, Refused
from workflows.duplicate_invoice.spec import DUPLICATE_INVOICE

log = structlog.get_logger(__name__)
ACCOUNTING = Actor(kind=ActorKind.OUTSIDE, id="accounting", channel=Channel.API, proof="signature")


class InvoicePaymentShape(serializers.Serializer[Any]):
    """`payment` is the accounting system's own id of it. With `cancelled` the earlier report of it counts no more: then
    only `payment` is needed beside it."""

    payment = serializers.CharField(max_length=paying.LONGEST_KEY - len("accounting:"))
    invoice = serializers.CharField(max_length=40, required=False)
    amount = serializers.DecimalField(max_digits=13, decimal_places=2, required=False)
    currency = serializers.CharField(max_length=3, required=False)
    paid_on = serializers.DateField(required=False)
    cancelled = serializers.ChoiceField(choices=[one.value for one in paying.WHYS], required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        needed = () if attrs.get("cancelled") else ("invoice", "amount", "currency", "paid_on")
        if missing := {name: [_("This field is required.")] for name in needed if name not in attrs}:
            raise serializers.ValidationError(missing)
        return attrs


class Standing(serializers.Serializer[Any]):
    """How the invoice stands now."""

    invoice = serializers.CharField()
    standing = serializers.ChoiceField(choices=[one.value for one in due.Standing])
    still_to_pay = serializers.DecimalField(max_digits=14, decimal_places=2)


class Forged(Refused):
    status = 401


class Payments(Signed):
    """Records a payment, or takes such a record back. The same report again changes nothing."""

    unsigned = (Forged,)

    def not_read(self, request: Request, why: str) -> None:
        log.warning("report of payments not read", why=why)
        told = {"fields": {"": [why]}, "text": ""}
        now = timezone.now()
        alarms.sound_while_none_is_open(process=DUPLICATE_INVOICE.name, code="payment_not_read", told=told, now=now)

    @extend_schema(request=InvoicePaymentShape, responses={200: Standing})
    def post(self, request: Request) -> Response:
        _check_signature(request)
        told = _told(request)
        invoice = _cancelled(told) if told.get("cancelled") else _recorded(told)
        now, left = timezone.now(), due.still_to_pay(invoice)
        stands = due.standing(invoice, now).value
        return Response({"invoice": invoice.number, "standing": stands, "still_to_pay": str(left)})


def _check_signature(request: Request) -> None:
    """Raises `Forged` also for one that was signed more than five minutes ago."""
    if not is_signed(request, settings.ACCOUNTING_SECRET):
        raise Forged("bad_signature", _("This is not signed by our accounting."))


def _told(request: Request) -> dict[str, Any]:
    """Raises `Invalid` with every fault on its field."""
    try:
        content = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Invalid({"": [_("Send one object in JSON.")]}) from None
    shape = InvoicePaymentShape(data=content)
    if not shape.is_valid():
        raise Invalid({name: [str(one) for one in faults] for name, faults in shape.errors.items()})
    return dict(shape.validated_data)


def _recorded(told: dict[str, Any]) -> Invoice:
    invoice = Invoice.objects.filter(number=told["invoice"]).first()
    if invoice is None:
        raise NotFound("unknown_invoice", _("There is no such invoice."), field="invoice")
    paid = paying.Paid(
        key=_key(told), amount=told["amount"], currency=told["currency"].upper(), paid_on=told["paid_on"]
    )
    payment = paying.record_payment(invoice=invoice, paid=paid, by=ACCOUNTING, now=timezone.now())
    return _fresh(payment)


def _cancelled(told: dict[str, Any]) -> Invoice:
    payment = InvoicePayment.objects.filter(key=_key(told)).first()
    if payment is None:
        raise NotFound("unknown_payment", _("There is no such payment."), field="payment")
    return _fresh(paying.cancel_payment(payment=payment, why=told["cancelled"], by=ACCOUNTING, now=timezone.now()))


def _key(told: dict[str, Any]) -> str:
    return f"accounting:{told['payment']}"


def _fresh(payment: InvoicePayment) -> Invoice:
    return Invoice.objects.select_related("customer").get(pk=payment.invoice_id)


urlpatterns = [path("webhooks/accounting", Payments.as_view(), name="payments")]
