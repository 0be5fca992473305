"""Orders at the API, for the machines of merchants: the same words, rules and refusals as in the console. The API
mounts these URLs beside its own."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django import forms
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backoffice.actors import Actor, Channel
from backoffice.cases.forms import errors_by_field
from backoffice.cases.schema import schema_of
from backoffice.parsing import as_typed
from backoffice.payments.agents.acting import actor_of_agent
from backoffice.payments.agents.finding import agent_of
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.voice import fulfilling, ordering
from backoffice.payments.voice.models import VoicePayment
from backoffice.payments.voice.pages.change_form import ChangeForm
from backoffice.payments.voice.pages.order_shape import OrderShape, told
from backoffice.refusals import Forbidden, Invalid
from backoffice.staff.models import User
from backoffice.text_fields import KeptTexts


class KeyForm(KeptTexts, forms.Form):
    """The key of an order: the same key with the same content orders once."""

    key = forms.CharField(
        max_length=64,
        error_messages={"required": _("Send a key of your own for this order, the same when you send it again.")},
    )


class DeliveryForm(forms.Form):
    """What became of the delivery."""

    delivered = forms.ChoiceField(
        choices=[("true", "true"), ("false", "false")],
        error_messages={"required": _("Send true or false."), "invalid_choice": _("Send true or false.")},
    )


def _body_of(fields: Mapping[str, forms.Field]) -> dict[str, Any]:
    """Of a request, for the description of the API."""
    known = schema_of(fields)
    return {"application/json": {name: known[name] for name in ("type", "properties", "required")}}


_NEW = _body_of({**KeyForm.base_fields, **ordering.OrderForm.base_fields})
_CHANGED = _body_of(ChangeForm.base_fields)
_DELIVERED = {
    "application/json": {
        "type": "object",
        "properties": {"delivered": {"type": "boolean"}},
        "required": ["delivered"],
    }
}


class ForMachines(BasePermission):
    """A token that a merchant made for a machine of its own. Raises `Forbidden` for all others."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not request.user.is_authenticated:
            return False
        machine_of(request)
        return True


def machine_of(request: Request) -> MerchantAgent:
    """The machine that asks. Raises `Forbidden` for the token or the session of anybody else."""
    agent = agent_of(request.user) if isinstance(request.user, User) else None
    if agent is None or not agent.is_machine:
        raise Forbidden("not_a_merchant", _t("Only the machines of merchants order payments here."))
    return agent


class _ForMachines(APIView):
    permission_classes = [ForMachines]

    def by(self, request: Request) -> Actor:
        return actor_of_agent(machine_of(request), Channel.API, proof="token")

    def payment(self, request: Request, reference: str) -> VoicePayment:
        return ordering.own_payment(reference, agent=machine_of(request))


class Orders(_ForMachines):
    @extend_schema(request=_NEW, responses={201: OrderShape, 200: OrderShape})
    def post(self, request: Request) -> Response:
        """Orders a payment: `key`, and the fields of the form. 201, or 200 when the key has ordered it before."""
        data, now = as_typed(request.data), timezone.now()
        key = KeyForm(data)
        own = {name: value for name, value in data.items() if name != "key"}
        if not key.is_valid():
            raise Invalid(errors_by_field(key))
        agent, by = machine_of(request), self.by(request)
        payment = ordering.order(agent=agent, data=own, key=key.cleaned_data["key"], by=by, now=now)
        is_new = payment.ordered_at == now
        return Response(told(payment), status=HTTPStatus.CREATED if is_new else HTTPStatus.OK)


class OneOrder(_ForMachines):
    @extend_schema(responses=OrderShape)
    def get(self, request: Request, reference: str) -> Response:
        """How an order of the own merchant stands."""
        return Response(told(self.payment(request, reference)))


class ChangeOrder(_ForMachines):
    @extend_schema(request=_CHANGED, responses=OrderShape)
    def post(self, request: Request, reference: str) -> Response:
        """Another `amount` or `what_for`; both are sent. What was read out before does not count any more."""
        payment = self.payment(request, reference)
        form = ChangeForm(as_typed(request.data), payment=payment)
        if not form.is_valid():
            raise Invalid(errors_by_field(form))
        changed = ordering.change(
            payment=payment,
            amount=form.cleaned_data["amount"],
            what_for=form.cleaned_data["what_for"],
            by=self.by(request),
            now=timezone.now(),
        )
        return Response(told(changed))


class CancelOrder(_ForMachines):
    @extend_schema(request=None, responses=OrderShape)
    def post(self, request: Request, reference: str) -> Response:
        """Calls the order off, before it is paid."""
        ordering.cancel(payment=self.payment(request, reference), by=self.by(request), now=timezone.now())
        return Response(told(self.payment(request, reference)))


class Delivery(_ForMachines):
    @extend_schema(request=_DELIVERED, responses=OrderShape)
    def post(self, request: Request, reference: str) -> Response:
        """`{"delivered": true}`, or false: then the customer gets the money back."""
        payment = self.payment(request, reference)
        data = {name: str(value).lower() for name, value in as_typed(request.data).items()}
        form = DeliveryForm(data)
        if not form.is_valid():
            raise Invalid(errors_by_field(form))
        fulfilled = form.cleaned_data["delivered"] == "true"
        return Response(
            told(fulfilling.report(payment=payment, fulfilled=fulfilled, by=self.by(request), now=timezone.now()))
        )


urlpatterns = [
    path("voice_payment/orders", Orders.as_view(), name="orders"),
    path("voice_payment/orders/<str:reference>", OneOrder.as_view(), name="order"),
    path("voice_payment/orders/<str:reference>/change", ChangeOrder.as_view(), name="change"),
    path("voice_payment/orders/<str:reference>/cancel", CancelOrder.as_view(), name="cancel"),
    path("voice_payment/orders/<str:reference>/delivery", Delivery.as_view(), name="delivery"),
]
