"""My cases, one case, and the part of its page that keeps itself fresh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from backoffice.actors import Actor
from backoffice.cases import catalogue, handing_over, withdrawing, words
from backoffice.cases.catalogue import Headline
from backoffice.cases.handing_over import Standing
from backoffice.cases.models import CaseState, WorkItem
from backoffice.cases.timeline_view import Reader, lines
from backoffice.customers.models import Customer
from backoffice.portal import drafts, selectors, starting
from backoffice.portal.selectors import Family
from backoffice.trust import warnings
from backoffice.ui import headlines, states, stepper, times
from backoffice.ui.customers import CustomerRequest, for_customers

FRESH_EVERY = 10
"""How often an open page looks for news of its case, in seconds."""


@dataclass(frozen=True)
class Turn:
    """A work item of the customer as a page shows it; times and progress in words."""

    item: WorkItem
    title: str
    until: str
    progress: str
    press: str = ""
    """The words on its button; "Start" where it has none of its own."""


@dataclass(frozen=True)
class Answered:
    """A work item that the customer has answered. Its receipt is one press away."""

    item: WorkItem
    title: str


@dataclass(frozen=True)
class Summary:
    """A case as the list shows it."""

    family: Family
    headline: Headline
    standing: states.Standing
    turns: list[Turn]

    @property
    def ended_at(self) -> datetime | None:
        return self.family.case.closed_at or self.standing.over_since


@require_safe
@for_customers
def my_cases(request: CustomerRequest) -> HttpResponse:
    live, closed = selectors.families(request.customer)
    return render(
        request,
        "portal/cases.html",
        {
            "live": [_summary(family, by=request.actor) for family in live],
            "closed": [_summary(family, by=request.actor) for family in closed],
            "kinds": starting.mine(customer=request.customer, by=request.actor),
            "groups": starting.menu(customer=request.customer, by=request.actor),
            "customer": request.customer,
            "going_round": warnings.current(now=timezone.now()),
        },
    )


@require_safe
@for_customers
def one_case(request: CustomerRequest, reference: str) -> HttpResponse:
    family = selectors.family(customer=request.customer, reference=reference)
    happened = selectors.events(family, reader=request.customer)
    return render(
        request,
        "portal/case.html",
        {
            **_now(request, family),
            "lines": lines(happened, family.all, reader=Reader.CUSTOMER),
            "contacts": selectors.contacts(family, reader=request.customer),
            "answered": [
                Answered(item, title_of(item)) for item in selectors.answered(family, reader=request.customer)
            ],
            "why_not_stop": _why_not_stop(family, by=request.actor),
        },
    )


@require_safe
@for_customers
def status(request: CustomerRequest, reference: str) -> HttpResponse:
    """What has changed since the page was made, or 204 where nothing has."""
    family = selectors.family(customer=request.customer, reference=reference)
    if request.GET.get("seen") == str(family.version):
        return HttpResponse(status=204)
    return render(request, "portal/_now.html", _now(request, family))


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def stop(request: CustomerRequest, reference: str) -> HttpResponse:
    """Says what stopping means and asks for confirmation; then stops the case."""
    family = selectors.family(customer=request.customer, reference=reference)
    case = family.case
    if case.parent is not None:
        return redirect("portal:stop", case.parent.reference)
    if request.method == "POST":
        withdrawing.withdraw(case_id=case.id, by=request.actor)
        messages.success(request, _("We stop this case. We write to you when it is done."))
        return redirect("portal:case", case.reference)
    declaration = catalogue.spec(case.process)
    context = {
        "case": case,
        "headline": headlines.for_customer(case, role=family.role),
        "stopping": _(declaration.stopping) if declaration.stopping and not family.role else "",
        "why_not": _why_not_stop(family, by=request.actor),
    }
    return render(request, "portal/stop.html", context)


def _why_not_stop(family: Family, *, by: Actor) -> str:
    if family.role:
        return _("Only the person who opened this case can stop it. You can say no to what you are asked.")
    return withdrawing.why_not_withdraw(family.case, by=by)


def steps_of(family: Family, reader: Customer) -> Sequence[stepper.Step]:
    """The stages of the case. A second party is not shown the steps of the case's customer."""
    if family.role:
        return []
    return stepper.for_customer(family.case, selectors.events(family, reader=reader))


def turns(family: Family, *, by: Actor) -> list[Turn]:
    return [
        Turn(
            item,
            title_of(item),
            times.until(item.due_at, family.case.customer),
            drafts.progress(item, by=by),
            _press(item),
        )
        for item in family.turns
    ]


def title_of(item: WorkItem) -> str:
    """What the customer is asked to do, in a few words."""
    kind = catalogue.item_kind(item.case.process, item.kind)
    return _(kind.customer_title or kind.title)


def _press(item: WorkItem) -> str:
    words = catalogue.item_kind(item.case.process, item.kind).press
    return _(words) if words else ""


def _panels(family: Family, request: CustomerRequest) -> list[str]:
    """What the processes of the family show on the page of the case beside the generic parts, as safe HTML."""
    if family.role:
        found = [catalogue.process(family.case.process).pages.party_panel(family.case, request.actor)]
    else:
        found = [catalogue.process(case.process).pages.portal_panel(case, request.actor) for case in family.all]
    return [render_to_string(template, {**context}, request) for template, context in filter(None, found)]


def _invitations(family: Family) -> list[tuple[Standing, str]]:
    """The other parties whom the case's customer still invites, each with the words of their role."""
    found = [] if family.role else [*handing_over.standings(family.case, now=timezone.now())]
    return [(one, words.party_of(family.case.process, one.role)) for one in found]


def _summary(family: Family, *, by: Actor) -> Summary:
    headline = headlines.for_customer(family.case, role=family.role)
    return Summary(family, headline, selectors.standing(family), turns(family, by=by))


def _now(request: CustomerRequest, family: Family) -> dict[str, object]:
    return {
        "family": family,
        "case": family.case,
        "customer": request.customer,
        "headline": headlines.for_customer(family.case, role=family.role),
        "standing": selectors.standing(family),
        "turns": turns(family, by=request.actor),
        "steps": steps_of(family, request.customer),
        "panels": _panels(family, request),
        "invitations": _invitations(family),
        "fresh_every": 0 if family.case.state == CaseState.CLOSED else FRESH_EVERY,
    }
