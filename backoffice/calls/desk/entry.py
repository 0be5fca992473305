"""The first screen of the call console: the next call-back, somebody who is calling us, and a caller who wants
something done."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.calls import opening as calls
from backoffice.calls.desk import next_calls, sheets
from backoffice.calls.desk.forms import IncomingForm
from backoffice.cases.forms import OpeningForm
from backoffice.ui.forms import plainly_worded
from backoffice.ui.staff import StaffMember, page

KEY = "opening_key"
"""The field with the key of a page, so that sending it twice opens one case or writes one call."""


def first_page(
    request: HttpRequest,
    me: StaffMember,
    *,
    caller_form: OpeningForm | None = None,
    incoming_form: IncomingForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, or again with what was wrong in one of its forms."""
    now = timezone.now()
    coming = next_calls.next_calls(me.actor, me.user, now)
    form = caller_form or calls.CallForm(customer=None, by=me.actor)
    if incoming_form is not None or (coming and coming[0].is_due and not coming[0].why_not):
        form.fields["known"].widget.attrs.pop("autofocus", None)
    context = {
        "form": plainly_worded(form),
        "incoming_form": plainly_worded(incoming_form or IncomingForm()),
        "hidden": {"name": KEY, "value": str(uuid.uuid4())},
        "next_calls": coming,
        "places_kept": next_calls.places_kept(user=me.user, now=now),
        "sheet": sheets.for_a_caller(),
    }
    return page(request, "phone_authorisation/desk/console.html", _("Calls"), context, status=status)
