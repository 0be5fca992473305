"""The desk's page for a customer who calls from behind their door: the visitor's six digits are compared for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases.models import Case
from backoffice.refusals import Conflict, Invalid
from backoffice.text_fields import KeptTexts
from backoffice.trust.mutual_codes import Stage
from backoffice.ui import lookup
from backoffice.ui.forms import plainly_worded, with_faults
from backoffice.ui.page_forms import NOT_KEPT
from backoffice.ui.staff import ask_why, may_read_case, page, signed_in
from backoffice.visits import handshake


class DigitsForm(KeptTexts, forms.Form):
    half = forms.CharField(
        label=_("The six digits on the visitor's screen, as the customer reads them to you"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "autofocus": True, NOT_KEPT: True}
        ),
    )


def panel(case: Case) -> tuple[str, Mapping[str, Any]] | None:
    """On the page of the visit, while the visitor shows their half: the way to compare it for a caller."""
    if handshake.stage(case) is not Stage.AGENT_SHOWS_B:
        return None
    return "home_visit/desk/panel.html", {"compare_url": reverse("admin:home_visit:compare", args=[case.reference])}


def compare(request: HttpRequest, reference: str) -> HttpResponse:
    """A POST compares, and says what to tell the customer. A wrong half counts as one of three tries."""
    case, me = lookup.case_of(reference), signed_in(request)
    if not may_read_case(case, me=me, page="desk:home_visit", now=timezone.now()):
        return ask_why(request, case.customer)
    form, verdict, refused = plainly_worded(DigitsForm(request.POST or None)), None, None
    if request.method == "POST" and form.is_valid():
        try:
            verdict = handshake.compare_for_caller(case_id=case.id, typed=form.cleaned_data["half"], by=me.actor)
        except Invalid as invalid:
            form = with_faults(form, invalid)
        except Conflict as conflict:
            refused = conflict
    if verdict is not None and not verdict.right and verdict.tries_left:
        form = plainly_worded(DigitsForm())
    context = {
        "case": case,
        "form": form,
        "verdict": verdict,
        "refused": refused,
        "again": verdict is None or (not verdict.right and verdict.tries_left > 0),
    }
    status = refused.status if refused else 400 if form.errors else 200
    return page(request, "home_visit/desk/compare.html", _t("A customer calls from the door"), context, status=status)


urlpatterns = [path("case/<str:reference>/visitor/compare/", compare, name="compare")]
