"""The field agent's page: the customer tells at the door that somebody else came, rang or wrote in our name."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from backoffice.cases import catalogue
from backoffice.cases.models import Case
from backoffice.refusals import Refused
from backoffice.suspicions import receiving
from backoffice.suspicions.forms import HOW, about_field, ask_when, came_in, text_field, when_field
from backoffice.suspicions.matching import Reported
from backoffice.suspicions.models import Source
from backoffice.text_fields import KeptTexts
from backoffice.trust.models import ContactChannel
from backoffice.ui.field import FieldRequest, for_field_agents
from backoffice.ui.forms import plainly_worded, with_faults

NOBODY = "nobody"


class DoorForm(KeptTexts, forms.Form):
    customer = forms.ChoiceField(
        label=_("Who tells you?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who tells you."), "invalid_choice": _("Choose who tells you.")},
    )
    how = forms.ChoiceField(
        label=_("How did the others come?"), choices=HOW, widget=forms.RadioSelect, initial=ContactChannel.IN_PERSON
    )
    when = when_field()
    about = about_field()
    text = text_field(_("What happened, in a few words"))

    def __init__(self, *args: object, cases: dict[str, Case], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choice = self.fields["customer"]
        assert isinstance(choice, forms.ChoiceField)
        theirs = [
            (key, _t("The customer of visit %(reference)s") % {"reference": one.reference})
            for key, one in cases.items()
        ]
        choice.choices = [*theirs, (NOBODY, _t("Somebody else"))]
        self.cases = cases
        ask_when(self, customers=[one.customer for one in cases.values()])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        case = self.cases.get(given.get("customer", ""))
        self.came = came_in(given, customer=case.customer) if case else None
        return given


@require_http_methods(["GET", "HEAD", "POST"])
@for_field_agents
def report(request: FieldRequest) -> HttpResponse:
    """Of a customer whom the agent visits today what they have open is paused; anybody else's report is noted."""
    cases, now = _of_today(request), timezone.now()
    form = DoorForm(request.POST if request.method == "POST" else None, cases=cases)
    done, key = None, request.POST.get("key") or str(uuid.uuid4())
    if form.is_valid():
        told, case = form.cleaned_data, cases.get(form.cleaned_data["customer"])
        try:
            incoming = receiving.Incoming(
                reported=Reported(text=told["text"], sender="", channel=told["how"], came=form.came),
                key=_key(key),
                source=Source.FIELD,
                customer=case.customer if case else None,
                user=request.user,
                origin=request.actor.id,
                aside=(case.id,) if case else (),
            )
            done = receiving.receive(incoming=incoming, by=request.actor, now=now)
        except Refused as refused:
            form = with_faults(form, refused)
    if done is not None:
        return render(request, "suspicious_contact/field_done.html", {"report": done})
    context = {"form": plainly_worded(form), "key": key}
    return render(request, "suspicious_contact/field.html", context, status=400 if form.errors else 200)


def _of_today(request: FieldRequest) -> dict[str, Case]:
    """The cases of today's appointments, by their ids."""
    now = timezone.now()
    found = (one for process in catalogue.all_processes() for one in process.pages.appointments(request.user, now))
    return {str(one.case.id): one.case for one in found}


def _key(sent: str) -> uuid.UUID:
    try:
        return uuid.UUID(sent)
    except ValueError:
        return uuid.uuid4()


urlpatterns = [path("report/", report, name="report")]
