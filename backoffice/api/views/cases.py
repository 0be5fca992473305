from __future__ import annotations

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backoffice.api.access import MayReadCases, caller
from backoffice.api.paging import NewestFirst
from backoffice.api.shapes import CaseShape, EventShape, OpeningShape, ReasonShape
from backoffice.cards.models import Card
from backoffice.cards.reissue.opening import open_reissue
from backoffice.cases import catalogue, withdrawing
from backoffice.cases.models import Case, CaseState, Event
from backoffice.references import tidy_reference
from backoffice.refusals import Invalid, NotFound


def find_case(typed: str) -> Case:
    """Raises `Invalid` for a malformed reference, `NotFound` for an unknown one, in the words of the desk."""
    reference = tidy_reference(typed)
    if reference is None:
        said = _("%(reference)s is not a reference: a sign in it is wrong") % {"reference": typed[:20].upper()}
        raise Invalid({"reference": [said]})
    case = Case.objects.select_related("parent").filter(reference=reference).first()
    if case is None:
        raise NotFound(
            "unknown_case", _("There is no case %(reference)s") % {"reference": reference}, field="reference"
        )
    return case


class Cases(APIView):
    permission_classes = [MayReadCases]

    @extend_schema(responses=CaseShape(many=True))
    def get(self, request: Request) -> Response:
        """Cases, the newest first; `?state=` and `?process=` narrow them."""
        cases = Case.objects.select_related("parent")
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
        pages = NewestFirst()
        page = pages.paginate_queryset(cases, request, view=self)
        return pages.get_paginated_response(CaseShape(page, many=True).data)

    @extend_schema(request=OpeningShape, responses={201: CaseShape, 200: CaseShape})
    def post(self, request: Request) -> Response:
        """Opens a case: 201, or 200 when the key has opened it before."""
        told = OpeningShape(data=request.data)
        told.is_valid(raise_exception=True)
        card = Card.objects.select_related("customer").filter(public_id=told.validated_data["card"]).first()
        if card is None:
            raise NotFound("unknown_card", _("There is no such card."), field="card")
        key = f"api:{request.user.pk}:{told.validated_data['key']}"
        case, new = open_reissue(card=card, reason=told.validated_data["reason"], by=caller(request), key=key)
        return Response(CaseShape(case).data, status=status.HTTP_201_CREATED if new else status.HTTP_200_OK)


class OneCase(APIView):
    permission_classes = [MayReadCases]

    @extend_schema(responses=CaseShape)
    def get(self, request: Request, reference: str) -> Response:
        return Response(CaseShape(find_case(reference)).data)


class Timeline(APIView):
    permission_classes = [MayReadCases]

    @extend_schema(responses=EventShape(many=True))
    def get(self, request: Request, reference: str) -> Response:
        """The whole timeline, with the hashes to verify it by."""
        events = Event.objects.filter(case=find_case(reference)).order_by("number")
        return Response(EventShape(events, many=True).data)


class Withdrawal(APIView):
    permission_classes = [MayReadCases]

    @extend_schema(request=ReasonShape, responses=CaseShape)
    def post(self, request: Request, reference: str) -> Response:
        told = ReasonShape(data=request.data)
        told.is_valid(raise_exception=True)
        case = find_case(reference)
        case = withdrawing.withdraw(case_id=case.id, by=caller(request), reason=told.validated_data["reason"])
        return Response(CaseShape(case).data)
