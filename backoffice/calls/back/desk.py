"""The supervisors' page of call-backs: the numbers of each week, and how many of us call when; and what the page of a
case says of its call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.calls.back import figures, rights, staffing
from backoffice.calls.back.models import CallBackState, StaffedQuarter
from backoffice.calls.back.records import call_back_of
from backoffice.calls.back.sentences import why_we_wait
from backoffice.cases.models import Case, CaseState
from backoffice.refusals import Invalid
from backoffice.staff.models import Role
from backoffice.ui.forms import plainly_worded, with_faults
from backoffice.ui.staff import page, signed_in


class StaffForm(forms.Form):
    role = forms.ChoiceField(
        label=_("Who calls?"),
        choices=[(Role.SUPPORT.value, _("Support agents")), (Role.SUPERVISOR.value, _("Supervisors"))],
        widget=forms.RadioSelect,
        initial=Role.SUPPORT.value,
    )
    day = forms.DateField(
        label=_("Which day?"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose the day."), "invalid": _("Choose a day, such as 2026-11-29.")},
    )
    starts = forms.TimeField(
        label=_("From"),
        widget=forms.TimeInput(attrs={"type": "time", "step": "900"}, format="%H:%M"),
        error_messages={"required": _("Say from when."), "invalid": _("Choose a time, such as 09:00.")},
    )
    ends = forms.TimeField(
        label=_("To"),
        widget=forms.TimeInput(attrs={"type": "time", "step": "900"}, format="%H:%M"),
        error_messages={"required": _("Say until when."), "invalid": _("Choose a time, such as 17:00.")},
    )
    agents = forms.IntegerField(
        label=_("How many can call at once?"),
        min_value=0,
        max_value=staffing.MOST_AGENTS,
        error_messages={"required": _("Say how many."), "invalid": _("Type a whole number.")},
    )
    kept = forms.IntegerField(
        label=_("How many of them are kept for customers whom we missed?"),
        min_value=0,
        max_value=staffing.MOST_AGENTS,
        initial=0,
        required=False,
    )

    def staffed(self) -> staffing.Staffed:
        """What was typed, by the clock of the reader."""
        given, zone = self.cleaned_data, timezone.get_current_timezone()
        starts, ends = (datetime.combine(given["day"], given[name], tzinfo=zone) for name in ("starts", "ends"))
        return staffing.Staffed(given["role"], starts, ends, given["agents"], given["kept"] or 0)


def weeks(request: HttpRequest) -> HttpResponse:
    """The numbers of each week and the staffed hours ahead; a POST says how many can call."""
    me, now = signed_in(request), timezone.now()
    rights.STAFF_HOURS.check(me.actor)
    form = plainly_worded(StaffForm(request.POST if request.method == "POST" else None))
    if form.is_valid():
        try:
            quarters = staffing.enter(staffed=form.staffed(), by=me.actor, now=now)
        except Invalid as refused:
            form = with_faults(form, refused)
        else:
            messages.success(request, _t("%(number)d quarters of an hour are staffed so now.") % {"number": quarters})
            return redirect("admin:call_back:weeks")
    context = {
        "form": form,
        "weeks": figures.weeks(by=me.actor, now=now),
        "zone": timezone.get_current_timezone_name(),
        "ahead": [(label, _spans(role, now)) for role, label in form.fields["role"].choices],  # type: ignore[attr-defined]
    }
    return page(request, "call_back/desk/weeks.html", _t("Call-backs"), context, status=400 if form.errors else 200)


@dataclass(frozen=True)
class Span:
    """Staffed quarters that follow each other and are alike: so many can call, of whom some are promised to customers,
    and some are kept for those whom we missed. By the clock of the reader."""

    day: str
    hours: str
    agents: int
    taken: int
    kept: int


def _spans(role: str, now: datetime) -> list[Span]:
    """The staffed quarters ahead."""
    zone = timezone.get_current_timezone()
    found: list[Span] = []
    for (day, agents, taken, kept), same in groupby(staffing.ahead(role=role, now=now), key=_alike):
        quarters = list(same)
        first, last = quarters[0].starts, quarters[-1].starts + staffing.QUARTER
        hours = f"{date_format(first.astimezone(zone), 'H:i')}–{date_format(last.astimezone(zone), 'H:i')}"
        found.append(Span(day, hours, agents, taken, kept))
    return found


def _alike(quarter: StaffedQuarter) -> tuple[str, int, int, int]:
    day = date_format(quarter.starts.astimezone(timezone.get_current_timezone()), "l j F")
    return day, quarter.agents, quarter.taken, quarter.kept


def panel(case: Case) -> tuple[str, Mapping[str, Any]] | None:
    """On the page of the case: when we call, or until when we wait and why."""
    call_back = call_back_of(case)
    if case.state == CaseState.CLOSED or call_back.state == CallBackState.OVER:
        return None
    context = {"call_back": call_back, "why_waits": why_we_wait(call_back.why_waits), "now": timezone.now()}
    return "call_back/desk/panel.html", context


urlpatterns = [path("call-backs/", weeks, name="weeks")]
