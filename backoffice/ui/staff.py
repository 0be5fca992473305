"""Pages for a signed-in member of staff: who they are, the frame of the desk, and reading only with a need to know.

The desk's own pages and those of the processes are made with it. Signing in, the right to use the desk, and the page
of what a rule refuses come with the desk's site, on which all of them are mounted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from backoffice.actors import Actor, Channel
from backoffice.cases import answering, catalogue
from backoffice.cases.models import Case
from backoffice.cases.need_to_know import read_case, read_customer
from backoffice.customers import asking_why
from backoffice.customers.models import Customer
from backoffice.customers.reasons import ReasonForm
from backoffice.refusals import Forbidden
from backoffice.staff.models import User
from backoffice.staff.roles import actor_of


@dataclass(frozen=True)
class StaffMember:
    """The account, the actor that the rules see, and the session for proofs."""

    user: User
    actor: Actor
    session: answering.Session


def signed_in(request: HttpRequest) -> StaffMember:
    """The member of staff who sends this request. Raises `Forbidden` when nobody is signed in, or the account is
    neither staff nor a customer."""
    actor = actor_of(user=request.user, channel=Channel.DESK, request=request)
    user = request.user
    assert isinstance(user, User)
    return StaffMember(user, actor, answering.Session(user, request.session.session_key or ""))


@dataclass(frozen=True)
class MenuLink:
    """A page of a process in the menu of the desk; `key` is the letter that leads there after `g`."""

    address: str
    label: str
    key: str


def menu_links(request: HttpRequest) -> list[MenuLink]:
    """The pages of processes that this person may use."""
    if not isinstance(request.user, User) or not request.user.is_staff or not request.user.is_active:
        return []
    by, links = signed_in(request).actor, ((one.name, one.pages.desk_link) for one in catalogue.all_processes())
    return [
        MenuLink(reverse(f"admin:{name}:{link.page}"), str(link.label), link.key)
        for name, link in links
        if link and link.right.allows(by)
    ]


def page(
    request: HttpRequest, template: str, title: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A page in the frame of the desk; its template extends `desk/base.html`."""
    whole = {**admin.site.each_context(request), "title": title, **(context or {})}
    return render(request, template, whole, status=status)


def back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """Back to the page of this site that `next` names, or to `otherwise` (an address or the name of a view)."""
    wanted = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(wanted) if safe else redirect(otherwise)


def may_read_case(case: Case, *, me: StaffMember, page: str, now: datetime) -> bool:
    """Whether this person may read the case now: only with a need to know. Reading and refusal are both noted. `page`
    says where. Raises `Forbidden` for a role that never reads."""
    return _is_open(lambda: read_case(case, by=me.actor, user=me.user, page=page, now=now))


def may_read_customer(customer: Customer, *, me: StaffMember, page: str, now: datetime) -> bool:
    """The same for a customer's record. Any open case of the customer that is in this person's hands is enough."""
    return _is_open(lambda: read_customer(customer, by=me.actor, user=me.user, page=page, now=now))


def _is_open(reads: Callable[[], object]) -> bool:
    try:
        reads()
    except Forbidden as refused:
        if refused.code == "no_reason":
            return False
        raise
    return True


def ask_why(
    request: HttpRequest, customer: Customer, *, form: ReasonForm | None = None, next_page: str = ""
) -> HttpResponse:
    """The page for a person without a need to know: 403, with a form that asks for the reason and opens the record."""
    query = {"next": next_page or request.get_full_path()}
    action = reverse("admin:desk_why", args=[customer.public_id], query=query)
    return asking_why.ask(request, form=form or ReasonForm(), action=action)
