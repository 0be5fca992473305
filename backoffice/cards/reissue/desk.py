"""The page of the desk with what a fraud signal said and we could not read. It is shown for a reason, and noted."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.cards.reissue import unread
from backoffice.customers.reasons import ReasonForm
from backoffice.ui import headlines, lookup
from backoffice.ui.staff import ask_why, may_read_case, page, signed_in


def rest_of_signals(request: HttpRequest, reference: str) -> HttpResponse:
    """Asks why; a valid reason shows it, once. Raises `NotFound` for a case that has nothing of the kind."""
    case, me, now = lookup.case_of(reference), signed_in(request), timezone.now()
    if not may_read_case(case, me=me, page="desk:signals", now=now):
        return ask_why(request, case.customer)
    form = ReasonForm(request.POST or None)
    shown = None
    if request.method == "POST" and form.is_valid():
        shown = unread.read(case_id=case.id, by=me.actor, user=me.user, reason=form.reason(), now=now)
    context = {"case": case, "headline": headlines.for_staff(case), "form": form, "shown": shown}
    status = 400 if form.errors else 200
    return page(request, "card_reissue/unread.html", _("What we could not read"), context, status=status)


urlpatterns = [path("case/<str:reference>/signals/unread/", rest_of_signals, name="unread")]
