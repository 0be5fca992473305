"""The first page of the desk: what I can do now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.cases import alarms, incidents
from backoffice.cases import worklist as lists
from backoffice.cases.catalogue import DeskWork
from backoffice.cases.forms import TRIED
from backoffice.cases.models import Case, CaseState, Incident, WorkItem
from backoffice.cases.words import of_incident
from backoffice.desk import live, worklist_rows
from backoffice.desk.views.search import search
from backoffice.staff import rights
from backoffice.ui import headlines, paging
from backoffice.ui.staff import StaffMember, page, signed_in

MOST_ALARMS = 20
"""Of the alarms, the newest are shown, on the first page."""
FROZEN = gettext_lazy("Frozen: a supervisor looks into it, and unfreezes or stops it")
TABS: dict[str, str | Promise] = {
    "mine": gettext_lazy("Mine"),
    "roles": gettext_lazy("My roles"),
    "overdue": gettext_lazy("Overdue"),
    "attention": gettext_lazy("Needs attention"),
}


@dataclass(frozen=True)
class Tab:
    name: str
    label: str
    count: str
    current: bool


def worklist(request: HttpRequest) -> HttpResponse:
    """One of the four lists; the search of the header comes here too."""
    if request.GET.get("q", "").strip():
        return search(request, request.GET["q"])
    context = _context(request)
    return page(request, "desk/worklist.html", str(context["title"]), context)


def live_part(request: HttpRequest) -> HttpResponse:
    """The lists and their counts, for a page that is open."""
    return render(request, "desk/worklist_live.html", _context(request) | {"live": True})


def _context(request: HttpRequest) -> dict[str, object]:
    me, now = signed_in(request), timezone.now()
    shown = live.of_worklist(request, me)
    items, beside = items_of(me, now=now), beside_of(me, now=now)
    counts = {name: paging.bounded_count(found, more=len(beside[name])) for name, found in items.items()}
    counts["attention"] = paging.bounded_count(lists.needing_attention(me.actor), alarms.open_ones())
    asked = request.GET.get("tab", "")
    tab = asked if asked in TABS else ("mine" if counts["mine"] != "0" else "roles")
    if tab == "attention":
        part = _attention(request, me)
    else:
        part = _items(request, items[tab], beside[tab], tab=tab, me=me, now=now)
    return {
        "tabs": [Tab(name, str(label), counts[name], name == tab) for name, label in TABS.items()],
        "tab": tab,
        "waiting": counts["roles"],
        "title": _("Worklist") if counts["roles"] == "0" else _("(%(count)s) Worklist") % {"count": counts["roles"]},
        "shown": shown,
        "polled": reverse("admin:desk_live_worklist", query={"tab": tab}) if part["first_page"] else "",
        **part,
    }


def items_of(me: StaffMember, *, now: datetime) -> dict[str, QuerySet[WorkItem]]:
    return {
        "mine": lists.mine(user=me.user),
        "roles": lists.of_my_roles(by=me.actor),
        "overdue": lists.overdue(by=me.actor, user=me.user, now=now),
    }


def beside_of(me: StaffMember, *, now: datetime) -> dict[str, list[DeskWork]]:
    """The same for what has no case yet."""
    found = worklist_rows.beside(me, now=now)
    return {
        "mine": [work for work in found if work.is_mine],
        "roles": [work for work in found if not work.is_mine],
        "overdue": [work for work in found if work.due_at < now],
    }


def _items(
    request: HttpRequest,
    found: QuerySet[WorkItem],
    beside: Sequence[DeskWork],
    *,
    tab: str,
    me: StaffMember,
    now: datetime,
) -> dict[str, object]:
    """What has no case yet stands on the first page, among the items by its time; the most urgent of it, so that
    however much of it comes, it takes no item's place."""
    items = paging.page_of(found, order=("due_at", "id"), after=request.GET.get("after", ""))
    rows = worklist_rows.of_items(items.rows, now=now, me=me.user, claimable=tab != "mine")
    if items.first:
        rows = worklist_rows.by_due_time([*rows, *worklist_rows.of_work(beside[: paging.ROWS], now=now)])
    return {"rows": rows, "older": _next_page(tab, items.after), "first_page": items.first}


def _attention(request: HttpRequest, me: StaffMember) -> dict[str, object]:
    newest = ("-opened_at", "id")
    cases = paging.page_of(lists.needing_attention(me.actor), order=newest, after=request.GET.get("after", ""))
    found = incidents.open_of(cases.rows)
    named, mends = rights.READ.allows(me.actor), rights.RETRY.allows(me.actor)
    refusal = "" if me.actor.roles & incidents.MAY_RETRY else _("A supervisor or an administrator can try this again.")
    sounded = list(alarms.open_ones()[:MOST_ALARMS]) if cases.first else []
    return {
        "alarms": [(alarm, alarms.sentence(alarm)) for alarm in sounded],
        "why_not_read": alarms.why_not_read(me.actor),
        "troubles": [_trouble(case, found[case.id], named=named, mends=mends, refusal=refusal) for case in cases.rows],
        "older": _next_page("attention", cases.after),
        "first_page": cases.first,
    }


def _trouble(case: Case, found: Sequence[Incident], *, named: bool, mends: bool, refusal: str) -> dict[str, object]:
    """Only who can mend it needs to know whose case it is. People who may not read customers (administrators) get a
    link to its commands."""
    said = [of_incident(case.process, one.told) for one in found]
    tried = any(one.kind in TRIED for one in found)
    commands = reverse("admin:cases_command_changelist", query={"q": case.reference})
    return {
        "case": case,
        "what": [*([str(FROZEN)] if case.state == CaseState.FROZEN else []), *said],
        "url": reverse("admin:desk_case", args=[case.reference]) if named else commands,
        "who": worklist_rows.about(case) if named and mends else headlines.title(case),
        "why_not_retry": (refusal or ("" if tried else incidents.NOTHING_TO_TRY)) if said else "",
        "retry": reverse("admin:desk_action", args=[case.reference, "retry"]) if said else "",
    }


def _next_page(tab: str, after: str) -> str:
    return reverse("admin:index", query={"tab": tab, "after": after}) if after else ""
