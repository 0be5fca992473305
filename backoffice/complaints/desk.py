"""The desk's pages of complaints: the board, the evidence, and whom a complaint is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from backoffice.cases import keeping_from
from backoffice.cases.models import ItemState, WorkItem
from backoffice.complaints import evidence, people, rights, serving, strangers, strangers_desk, waiting
from backoffice.complaints.clock import age
from backoffice.complaints.models import Complaint, Edition, Topic
from backoffice.refusals import Refused
from backoffice.text_fields import KeptTexts
from backoffice.ui import lookup, paging
from backoffice.ui.forms import plainly_worded
from backoffice.ui.staff import ask_why, may_read_case, page, signed_in


@dataclass(frozen=True)
class Row:
    """A complaint on the board. `days` is its age in business days; `owner` is empty where nobody holds it."""

    complaint: Complaint
    days: int
    owner: str
    is_late: bool


@dataclass(frozen=True)
class About:
    """A topic over the board, with how many open complaints there are, counted up to a thousand."""

    value: str
    label: str
    count: str


class NameForm(KeptTexts, forms.Form):
    person = forms.CharField(max_length=40)


class NumberForm(KeptTexts, forms.Form):
    """Sent by GET: the number of a complaint is no secret, and says nothing by itself."""

    number = forms.CharField(
        label=_("Somebody calls about one? Type its number."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """The open complaints, the oldest first, and those that wait without a case; `?about=` narrows the first to a
    topic, `?number=` leads to one of the others. Nobody sees one about themselves."""
    me = signed_in(request)
    rights.LIST.check(me.actor)
    if number := request.GET.get("number", "").strip():
        return redirect(strangers_desk.PAGE, strangers.stranger_of(number, user=me.user).reference)
    about = request.GET.get("about", "")
    found = Complaint.objects.filter(keeping_from.visible(me.actor, case="case"), live=True)
    chosen = found.filter(topic=about) if about in Topic.values else found
    shown = paging.page_of(
        chosen.select_related("case", "customer").defer("text", "wish", "whom", "held_because", "reopened_because"),
        order=("received_at", "pk"),
        after=request.GET.get("after", ""),
    )
    older = ""
    if shown.after:
        query = {"about": about} if about in Topic.values else {}
        older = reverse("admin:complaint:board", query={**query, "after": shown.after})
    context = {
        "rows": _rows(shown.rows),
        "older": older,
        "about": about if about in Topic.values else "",
        "topics": _topics(found),
        "all": paging.bounded_count(found),
        "strangers": waiting.work(me.actor, me.user, timezone.now()),
        "may_handle": rights.HANDLE.allows(me.actor),
        "number": plainly_worded(NumberForm()),
    }
    return page(request, "complaint/board.html", _t("Complaints"), context)


def _topics(found: QuerySet[Complaint]) -> Sequence[About]:
    """Each topic that has open complaints."""
    counted = [(one, paging.bounded_count(found.filter(topic=one.value))) for one in Topic]
    return [About(one.value, str(one.label), count) for one, count in counted if count != "0"]


def _rows(complaints: Sequence[Complaint]) -> Sequence[Row]:
    now = timezone.now()
    items = WorkItem.objects.filter(case__in=[one.case_id for one in complaints], state=ItemState.OPEN)
    held = items.filter(holder__isnull=False, part__in=("owner", "reviewer")).select_related("holder")
    owners = {item.case_id: item.holder.get_full_name() for item in held if item.holder}
    return [
        Row(
            complaint=one,
            days=age(one.received_at, now=now, country=one.country, time_zone=one.customer.time_zone),
            owner=owners.get(one.case_id, ""),
            is_late=one.is_late(now),
        )
        for one in complaints
    ]


@require_safe
def file(request: HttpRequest, reference: str, moment: str, kind: str) -> HttpResponse:
    """The full edition of the evidence. Reading is noted, as that of the case is."""
    case, me = lookup.case_of(reference), signed_in(request)
    if not may_read_case(case, me=me, page="desk:evidence_of_complaint", now=timezone.now()):
        return ask_why(request, case.customer)
    bundle = evidence.download(case=case, moment=moment, edition=Edition.FULL, by=me.actor, user=me.user)
    return serving.response(bundle, kind, language=translation.get_language() or "en")


@require_POST
def name(request: HttpRequest, reference: str) -> HttpResponse:
    """Keeps a person from the complaint, who is then told nothing."""
    case, me = lookup.case_of(reference), signed_in(request)
    form = NameForm(request.POST)
    person = form.cleaned_data["person"] if form.is_valid() else ""
    try:
        people.name_person(case_id=case.id, person=person, by=me.actor, user=me.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _t("This person no longer sees the complaint."))
    return redirect("admin:desk_case", case.reference)


urlpatterns = [
    path("complaint/", board, name="board"),
    path("complaint/strangers/<str:reference>/", strangers_desk.stranger, name="stranger"),
    *(
        path(f"complaint/strangers/<str:reference>/{do}/", strangers_desk.act, {"do": do}, name=f"stranger_{do}")
        for do in strangers_desk.ACTS
    ),
    path("complaint/<str:reference>/evidence/<slug:moment>.<slug:kind>", file, name="file"),
    path("complaint/<str:reference>/name/", name, name="name"),
]
