from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backoffice.actors import Actor
from backoffice.api.access import REASON, SeesCases, caller, read_customer
from backoffice.api.shapes import OpeningForm, ProcessShape
from backoffice.cases import catalogue
from backoffice.cases.opening import openable
from backoffice.cases.schema import schema_of
from backoffice.customers.models import Customer
from backoffice.refusals import Invalid, NotFound, Refused


def find_customer(public_id: uuid.UUID) -> Customer:
    customer = Customer.objects.filter(public_id=public_id).first()
    if customer is None:
        raise NotFound("unknown_customer", _("There is no such customer."), field="customer")
    return customer


class Processes(APIView):
    permission_classes = [SeesCases]

    @extend_schema(
        parameters=[OpenApiParameter("customer", OpenApiTypes.UUID, description="Whom a case would be for."), REASON],
        responses=ProcessShape(many=True),
    )
    def get(self, request: Request) -> Response:
        """The processes. Each has either the schema of the content that opens a case, or the reason why I may not open
        one. With `?customer=` the schema holds this customer's choices, and `why_not` says why they cannot have such a
        case now; that reads their record, and needs a case in one's hands or a reason.
        """
        customer = _customer(request.query_params.get("customer", ""))
        if customer is not None:
            read_customer(request, customer)
        by = caller(request)
        return Response([_told(process, by, customer) for process in catalogue.all_processes()])


def _customer(typed: str) -> Customer | None:
    if not typed:
        return None
    try:
        return find_customer(uuid.UUID(typed))
    except ValueError:
        raise Invalid({"customer": [_("“%(typed)s” is not an id.") % {"typed": typed[:40]}]}) from None


def _told(process: catalogue.Process, by: Actor, customer: Customer | None) -> dict[str, Any]:
    why_not, schema = "", None
    try:
        opening = openable(process.name, by=by)
    except Refused as refused:
        why_not = refused.sentence
    else:
        why_not = opening.why_not(customer) if customer else ""
        own = opening.form(customer=customer, by=by).fields if customer else opening.form.fields_for_anybody()
        schema = schema_of({**OpeningForm.base_fields, **own})
        schema["properties"]["process"]["const"] = process.name
    return {
        "name": process.name,
        "title": _(process.spec.title),
        "may_open": not why_not,
        "why_not": why_not,
        "schema": schema,
    }
