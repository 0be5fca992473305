from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backoffice import no_card_numbers
from backoffice.actors import Actor
from backoffice.api.access import REASON, ForStaff, SeesCases, caller, read_case
from backoffice.api.paging import NewestFirst
from backoffice.api.shapes import CaseLine, CaseShape, EventShape, OpeningForm, ReasonShape
from backoffice.api.views.processes import find_customer
from backoffice.cases import catalogue, keeping_from, opening, withdrawing
from backoffice.cases.forms import errors_by_field
from backoffice.cases.models import Case, CaseState, Event
from backoffice.cases.schema import schema_of
from backoffice.parsing import as_typed
from backoffice.refusals import Invalid
from backoffice.ui.lookup import case_of

_OPENING = schema_of(OpeningForm.base_fields)
_ANY_OPENING = {
    "application/json": {
        "type": "object",
        "properties": _OPENING["properties"],
        "required": _OPENING["required"],
        "additionalProperties": True,
    }
}


class Cases(APIView):
    permission_classes = [SeesCases]
    pagination_class = NewestFirst

    @extend_schema(responses=CaseLine(many=True))
    def get(self, request: Request) -> Response:
        """Cases, the newest first; `?state=` and `?process=` narrow them."""
        cases = Case.objects.filter(keeping_from.visible(caller(request)))
        state = request.query_params.get("state")
        if state:
            if state not in CaseState.values:
                raise Invalid({"state": [_("One of: %(known)s.") % {"known": ", ".join(CaseState.values)}]})
            cases = cases.filter(state=state)
        if process := request.query_params.get("process"):
            known = sorted(declared.name for declared in catalogue.all_processes())
            if process not in known:
                raise Invalid({"process": [_("One of: %(known)s.") % {"known": ", ".join(known)}]})
            cases = cases.filter(process=process)
        pages = self.pagination_class()
        page = pages.paginate_queryset(cases, request, view=self)
        return pages.get_paginated_response(CaseLine(page, many=True).data)

    @extend_schema(request=_ANY_OPENING, responses={201: CaseLine, 200: CaseLine})
    def post(self, request: Request) -> Response:
        """Opens a case of any process. The content also has the fields of the process's opening, whose schema is in
        `GET /api/v1/processes`. 201, or 200 when the key has opened the case before."""
        data = as_typed(request.data)
        told = OpeningForm(data)
        own = {name: value for name, value in data.items() if name not in told.fields}
        if not told.is_valid():
            raise Invalid({**errors_by_field(told), **_wrong_besides(told, own, by=caller(request))})
        asked = told.cleaned_data
        case, new = opening.open_by_form(
            process=asked["process"],
            by=caller(request),
            key=f"api:{request.user.pk}:{no_card_numbers.as_key(asked['key'])}",
            data=own,
            customer=find_customer(asked["customer"]) if asked["customer"] else None,
        )
        return Response(CaseLine(case).data, status=status.HTTP_201_CREATED if new else status.HTTP_200_OK)


def _wrong_besides(told: OpeningForm, own: Mapping[str, Any], *, by: Actor) -> dict[str, list[str]]:
    """The faults in the process's own fields, if the process is known, so that all faults are answered at once."""
    if "process" in told.errors or "customer" in told.errors:
        return {}
    given = told.cleaned_data["customer"]
    try:
        opening.check_form(
            process=told.cleaned_data["process"], by=by, data=own, customer=find_customer(given) if given else None
        )
    except Invalid as invalid:
        return invalid.errors
    return {}


class OneCase(APIView):
    permission_classes = [ForStaff]

    @extend_schema(parameters=[REASON], responses=CaseShape)
    def get(self, request: Request, reference: str) -> Response:
        """The case, for whoever has it in their hands, or says why they need it. Each reading is noted."""
        return Response(CaseShape(read_case(request, reference)).data)


class Timeline(APIView):
    permission_classes = [ForStaff]

    @extend_schema(parameters=[REASON], responses=EventShape(many=True))
    def get(self, request: Request, reference: str) -> Response:
        """The whole timeline, with the hashes to verify it by. It is read as the case is."""
        events = Event.objects.filter(case=read_case(request, reference)).select_related("case").order_by("number")
        return Response(EventShape(events, many=True).data)


class Withdrawal(APIView):
    permission_classes = [SeesCases]

    @extend_schema(request=ReasonShape, responses=CaseLine)
    def post(self, request: Request, reference: str) -> Response:
        told = ReasonShape(data=request.data)
        told.is_valid(raise_exception=True)
        case = case_of(reference)
        case = withdrawing.withdraw(case_id=case.id, by=caller(request), reason=told.validated_data["reason"])
        return Response(CaseLine(case).data)
