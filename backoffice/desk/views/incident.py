"""An incident for which no work item asks: who looks into it, whom they called, and in words what came of it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases import incidents, keeping_from
from backoffice.cases.forms import whom_called
from backoffice.cases.models import Case, Incident
from backoffice.cases.words import of_incident
from backoffice.desk.refusing import refusal
from backoffice.refusals import Forbidden, Invalid, NotFound, Refused
from backoffice.text_fields import KeptTexts
from backoffice.ui import lookup
from backoffice.ui.forms import with_faults
from backoffice.ui.staff import page, signed_in


class CameOfItForm(KeptTexts, forms.Form):
    called_customer = whom_called(_("Did you call the customer?"))
    reason = forms.CharField(
        label=_("What came of it"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It goes to the timeline."),
    )


def close(request: HttpRequest, reference: str, incident_id: int) -> HttpResponse:
    """Asks what came of it, and closes the incident; with `mine`, notes who looks into it until then. The rule decides
    who may."""
    case, me = lookup.case_of(reference), signed_in(request)
    if not me.actor.roles & incidents.MAY_RETRY:
        raise Forbidden("not_your_role", _t("Only a supervisor or an administrator can look into this."))
    incident = Incident.objects.filter(pk=incident_id, case=case).select_related("looked_into_by").first()
    if incident is None or keeping_from.is_kept_from(case, me.user):
        raise NotFound("unknown_incident", _t("There is no such incident."))
    if "mine" in request.POST:
        return _look_into(request, case, incident)
    form, status = CameOfItForm(request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        called, reason = incidents.called_in(form.cleaned_data), form.cleaned_data["reason"]
        try:
            incidents.resolve_by_hand(incident_id=incident.pk, by=me.actor, reason=reason, called=called)
        except Invalid as invalid:
            form, status = with_faults(form, invalid), invalid.status
        except Refused as refused:
            return refusal(request, refused, case=case)
        else:
            messages.success(request, _t("%(reference)s: it is closed, in your name.") % {"reference": case.reference})
            return redirect("admin:desk_case", case.reference)
    context = {"case": case, "form": form, "what": of_incident(case.process, incident.told), "incident": incident}
    title = _t("What came of it: %(reference)s") % {"reference": case.reference}
    return page(request, "desk/incident.html", title, context, status=400 if form.errors else status)


def _look_into(request: HttpRequest, case: Case, incident: Incident) -> HttpResponse:
    """Notes who looks into it, so that two do not do the same. Of two at once, the first one stays."""
    me = signed_in(request)
    try:
        taken = incidents.look_into(incident_id=incident.pk, by=me.actor, user=me.user)
    except Refused as refused:
        return refusal(request, refused, case=case)
    if taken.looked_into_by == me.user:
        messages.success(request, _t("Noted: you look into it."))
    else:
        messages.warning(request, _t("Somebody else looks into it already."))
    return redirect("admin:desk_case", case.reference)
