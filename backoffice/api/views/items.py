from __future__ import annotations

import uuid

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backoffice.api.access import REASON, ForStaff, SeesCases, caller, read, user_of
from backoffice.api.paging import DueFirst
from backoffice.api.shapes import ItemShape
from backoffice.cases import answering, catalogue, worklist
from backoffice.cases.models import WorkItem
from backoffice.cases.schema import schema_of
from backoffice.parsing import as_typed
from backoffice.refusals import NotFound
from backoffice.staff import rights


class Items(APIView):
    permission_classes = [SeesCases]
    pagination_class = DueFirst

    @extend_schema(responses=ItemShape(many=True))
    def get(self, request: Request) -> Response:
        """The open work items that I may do; with `?mine=yes` only those that I hold."""
        by, user = caller(request), user_of(request)
        found: QuerySet[WorkItem] = (
            worklist.mine(user=user) if request.query_params.get("mine") == "yes" else worklist.of_my_roles(by=by)
        )
        pages = self.pagination_class()
        page = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(ItemShape(page, many=True).data)


def _item(item_id: uuid.UUID) -> WorkItem:
    item = WorkItem.objects.select_related("case", "case__customer").filter(id=item_id).first()
    if item is None:
        raise NotFound("unknown_item", _("There is no such work item."))
    return item


def _to_read(request: Request, item_id: uuid.UUID) -> WorkItem:
    try:
        item = _item(item_id)
    except NotFound:
        rights.READ.check(caller(request))
        raise
    read(request, item.case, page="api:item")
    return item


class OneItem(APIView):
    permission_classes = [ForStaff]

    @extend_schema(parameters=[REASON], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, item_id: uuid.UUID) -> Response:
        """The item, and either the schema of its answer or the reason why I may not answer it. It is read as its case
        is. Only people who may answer see the schema, because it shows what is asked."""
        item = _to_read(request, item_id)
        by = caller(request)
        why_not = worklist.why_not(item, by=by, user=user_of(request))
        schema = None if why_not else schema_of(catalogue.answering(item).form_for(item, by=by).fields)
        return Response({**ItemShape(item).data, "why_not": why_not, "schema": schema})


class Answer(APIView):
    permission_classes = [SeesCases]

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, item_id: uuid.UUID) -> Response:
        """Answers the item. If I have answered it before, the first answer's receipt is returned, with `again` true."""
        session = answering.Session(user=user_of(request), key="")
        data = as_typed(request.data)
        receipt = answering.answer(item_id=item_id, by=caller(request), data=data, session=session)
        return Response({"id": str(receipt.item.id), "outcome": receipt.outcome, "again": receipt.again})


class Claim(APIView):
    permission_classes = [SeesCases]

    @extend_schema(request=None, responses=ItemShape)
    def post(self, request: Request, item_id: uuid.UUID) -> Response:
        item = worklist.claim(item_id=item_id, by=caller(request), user=user_of(request))
        return Response(ItemShape(item).data)

    @extend_schema(request=None, responses=ItemShape)
    def delete(self, request: Request, item_id: uuid.UUID) -> Response:
        item = worklist.release(item_id=item_id, by=caller(request), user=user_of(request))
        return Response(ItemShape(item).data)
