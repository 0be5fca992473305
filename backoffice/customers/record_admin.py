"""Admin pages of what belongs to a customer. A list shows no more than reference, state and times. A page opens as the
customer's own record does: for a case in one's own hands, or with a reason, noted, and the customer sees who looked.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib.admin.options import ModelAdmin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from backoffice.actors import Actor, Channel
from backoffice.customers import asking_why, reading
from backoffice.customers.models import Customer
from backoffice.customers.reasons import ReasonForm
from backoffice.refusals import Forbidden
from backoffice.staff.models import User
from backoffice.staff.read_only import ReadOnlyAdmin
from backoffice.staff.roles import actor_of

M = TypeVar("M", bound=Model)


class RecordAdmin(ReadOnlyAdmin[M]):
    """A record of a customer: its page and its history ask why, unless the reader has a case of theirs."""

    def customer_of(self, record: M) -> Customer | None:
        """Whose record it is; None for nobody's, which anybody with the permission may look at."""
        raise NotImplementedError

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        asked = self._asked(request, object_id) if object_id else None
        return asked or super().changeform_view(request, object_id, form_url, extra_context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return self._asked(request, object_id) or super().history_view(request, object_id, extra_context)

    def _asked(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        record = self.get_object(request, unquote(object_id))
        customer = self.customer_of(record) if record is not None else None
        return ask_why(request, customer) if customer is not None else None


def user_of(request: HttpRequest) -> User:
    """The signed-in user. Raises PermissionDenied when nobody is signed in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def desk_actor(request: HttpRequest) -> Actor:
    """Who acts in the admin."""
    return actor_of(user=user_of(request), channel=Channel.DESK, request=request)


def ask_why(request: HttpRequest, customer: Customer) -> HttpResponse | None:
    """The page that asks why, with status 403; None when the record is open to this person. Raises `PermissionDenied`
    for a role that never reads."""
    form = ReasonForm(request.POST if "_open" in request.POST else None)
    given = form.reason() if form.is_bound and form.is_valid() else ""
    case_id = reading.case_for(user=user_of(request), customer=customer)
    try:
        reading.open_record(
            customer=customer,
            by=desk_actor(request),
            user=user_of(request),
            now=timezone.now(),
            case_id=case_id,
            has_case=case_id is not None,
            reason=given,
            page=request.resolver_match.view_name if request.resolver_match else "",
        )
    except Forbidden as refused:
        if refused.code != "no_reason":
            raise PermissionDenied(refused.sentence) from refused
    else:
        return HttpResponseRedirect(request.get_full_path()) if given else None
    return asking_why.ask(request, form=form, action=request.get_full_path(), marker="_open")


def page(model_admin: ModelAdmin[Any], request: HttpRequest, title: str, **context: Any) -> dict[str, Any]:
    """The context of a page in the frame of the admin."""
    frame = model_admin.admin_site.each_context(request)
    return {**frame, "title": title, "opts": model_admin.opts, **context}
