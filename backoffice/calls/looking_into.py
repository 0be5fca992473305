"""A supervisor looks into a caller who may have pretended to be the customer."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cases import incidents, timeline
from backoffice.cases.forms import Accepted, Answer, OutcomeForm, whom_called
from backoffice.cases.models import IncidentKind, Resolution


class LookIntoCallerForm(OutcomeForm):
    intro = _("Call the customer on the number on file. Never call back a number that the caller gave.")
    called_customer = whom_called(_("Did you call the customer?"))
    field_order = ("called_customer", "outcome", "reason")


def looked_into(answer: Answer) -> Accepted:
    outcome, reason = answer.cleaned["outcome"], answer.cleaned["reason"]
    incidents.resolve(
        answer.case,
        IncidentKind.ALARM,
        by=answer.by,
        how=Resolution.LOOKED_INTO,
        at=answer.now,
        called=incidents.called_in(answer.cleaned),
        reason=reason,
    )
    timeline.note(answer.case, f"call.{outcome}", by=answer.by, at=answer.now)
    return Accepted(outcome, reason=reason)
