"""Who uses the API: staff and machines, with a token (`manage.py api_token USER`) that has the rights of its user."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from backoffice.actors import Actor, Channel
from backoffice.cases import need_to_know
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.refusals import Invalid, Refused
from backoffice.staff import rights
from backoffice.staff.models import User
from backoffice.staff.roles import actor_of
from backoffice.ui.lookup import case_of

REASON = OpenApiParameter(
    "Reason",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Why you read this without a case in your hands: in a few words, as UTF-8. It is noted, and the "
    "customer may read it. It opens the record for half an hour.",
)
"""A header, because addresses are written to logs."""


class ForStaff(BasePermission):
    """Any member of staff; the rule that the view calls says who of them."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user.is_active and request.user.is_staff)


class SeesCases(ForStaff):
    """Whoever sees lists of cases. Raises `Forbidden` with the sentence of the policy table for others."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not super().has_permission(request, view):
            return False
        rights.LIST.check(caller(request))
        return True


def user_of(request: Request) -> User:
    if not isinstance(request.user, User):
        raise TypeError("an unauthenticated request came past the permission classes")
    return request.user


def caller(request: Request) -> Actor:
    return actor_of(user=user_of(request), channel=Channel.API, proof="token")


def read_case(request: Request, reference: str) -> Case:
    """The case of a reference, to read: with a need to know, or with a reason in the header. Raises `Forbidden` and
    notes it; a role that never reads does not learn which references there are."""
    try:
        case = case_of(reference)
    except Refused:
        rights.READ.check(caller(request))
        raise
    read(request, case, page="api:case")
    return case


def read(request: Request, case: Case, *, page: str) -> None:
    """The same for a case that was found by something else."""
    need_to_know.read_case(
        case, by=caller(request), user=user_of(request), now=timezone.now(), page=page, reason=_reason_of(request)
    )


def read_customer(request: Request, customer: Customer) -> None:
    """The same for a customer's record."""
    need_to_know.read_customer(
        customer,
        by=caller(request),
        user=user_of(request),
        now=timezone.now(),
        page="api:customer",
        reason=_reason_of(request),
    )


def _reason_of(request: Request) -> str:
    """A server hands over headers as Latin-1; what is no UTF-8 below it is taken as it is."""
    given = request.headers.get(REASON.name, "")
    try:
        text = given.encode("latin-1").decode()
    except UnicodeError:
        text = given
    if not text.isprintable():
        raise Invalid({"reason": [_("Write the reason in plain text.")]})
    return text
