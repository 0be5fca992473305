"""Pages for a signed-in customer: who they are, their language and time zone, their cases, and the page of a refusal.

The portal's own pages and those of the processes are made with it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import cast
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

from backoffice.actors import Actor, Channel
from backoffice.cases.answering import Session
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.languages import offered
from backoffice.refusals import Forbidden, NotFound, Refused
from backoffice.staff.models import User
from backoffice.staff.roles import actor_of
from backoffice.telephony.live import watching
from backoffice.ui import lookup


class CustomerRequest(HttpRequest):
    """A request of a signed-in customer; `for_customers` makes it one."""

    user: User
    customer: Customer
    actor: Actor


View = Callable[..., HttpResponse]


def for_customers(view: View) -> View:
    """Lets only signed-in customers in, and shows the page in their language and time zone; no cache keeps it. What is
    not theirs is a 404. A refusal by a rule becomes a page that says what happened and what to do now.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated:
            return never_kept(to_sign_in(request))
        theirs = cast("CustomerRequest", request)
        theirs.customer = _customer_of(theirs.user)
        theirs.actor = _actor_of(theirs)
        customer = theirs.customer
        language = offered(customer.language)
        with translation.override(language), timezone.override(ZoneInfo(customer.time_zone)):
            response = _answered(view, theirs, *args, **kwargs)
            response.headers["Content-Language"] = language
        if response.status_code < 300:
            session, password = request.session.session_key or "", request.user.password
            watching.hand_out(response, customer=customer, session=session, password=password)
        return never_kept(response)

    return guarded


def never_kept(response: HttpResponse) -> HttpResponse:
    """Neither the browser nor any cache on the way keeps the page."""
    patch_cache_control(response, private=True, no_store=True)
    return response


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Redirects to the sign-in, which leads back here. A page that polls is told to reload."""
    if request.headers.get("HX-Request"):
        return HttpResponseClientRefresh()
    return redirect_to_login(request.get_full_path())


def session_of(request: CustomerRequest) -> Session:
    """The key of the session that proofs are bound to."""
    return Session(user=request.user, key=request.session.session_key or "")


def refused_page(request: CustomerRequest, refused: Refused, *, reference: str = "") -> HttpResponse:
    """The page of a refusal, with its status. `reference` is the case to which the page links back."""
    context = {"refused": refused, "reference": reference}
    return render(request, "portal/refused.html", context, status=refused.status)


def own_case(customer: Customer, reference: str, *, process: str = "") -> Case:
    """A case of this customer by its reference, however it was typed. With `process`, one of that process: the case
    itself, or the newest such case under it. Raises `NotFound`."""
    case = lookup.case_of(reference, customer=customer)
    if process in ("", case.process):
        return case
    below = Case.objects.filter(root=case, customer=customer, process=process).select_related("parent", "customer")
    found = below.order_by("-opened_at", "-id").first()
    if found is None:
        raise NotFound("unknown_case", _("There is no such case."))
    return found


def _answered(view: View, request: CustomerRequest, *args: object, **kwargs: object) -> HttpResponse:
    try:
        return view(request, *args, **kwargs)
    except NotFound as refused:
        raise Http404 from refused
    except Refused as refused:
        return refused_page(request, refused)


def _customer_of(user: User) -> Customer:
    customer = Customer.objects.filter(user=user).first()
    if customer is None:
        raise PermissionDenied
    return customer


def _actor_of(request: CustomerRequest) -> Actor:
    try:
        return actor_of(user=request.user, channel=Channel.PORTAL, request=request)
    except Forbidden as refused:
        raise PermissionDenied from refused
