"""A merchant on the page of its case at the desk, and the page that suspends it at once."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from backoffice import no_card_numbers
from backoffice.cases.models import Case
from backoffice.payments.merchants import evidence, suspending, terms_page
from backoffice.payments.merchants.models import Merchant, MerchantState, SuspendedFor, Suspension
from backoffice.payments.merchants.rights import SUSPEND
from backoffice.refusals import Invalid, NotFound, Refused
from backoffice.staff.those import Those
from backoffice.text_fields import KeptTexts
from backoffice.ui import lookup
from backoffice.ui.forms import plainly_worded, with_faults
from backoffice.ui.staff import ask_why, may_read_case, page, signed_in

MOST_SHOWN = 20
_BY_PEOPLE = [("", _("Choose")), *((one.value, one.label) for one in SuspendedFor if one is not SuspendedFor.PAUSED)]


class SuspendForm(KeptTexts, forms.Form):
    reason = forms.ChoiceField(label=_("Because of"), choices=_BY_PEOPLE)
    remark = forms.CharField(
        label=_("What happened"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The person who decides reads it. The company does not."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        no_card_numbers.guard(self)

    def given(self) -> dict[str, Any]:
        """As the rule takes it."""
        return {"reason": SuspendedFor(self.cleaned_data["reason"]), "remark": self.cleaned_data["remark"]}


def panel(case: Case) -> tuple[str, Mapping[str, Any]] | None:
    """The merchant, its suspensions, and the way to suspend it; nothing before the admission."""
    merchant = Merchant.objects.filter(case=case).first()
    if merchant is None:
        return None
    context = {
        "case": case,
        "merchant": merchant,
        "lines": evidence.lines_of(merchant),
        "suspensions": _suspensions(merchant),
        "is_admitted": merchant.state == MerchantState.ADMITTED,
        "may_suspend": Those(SUSPEND),
    }
    return "merchant_admission/desk_panel.html", context


def _suspensions(merchant: Merchant) -> list[tuple[Suspension, str, str]]:
    """The newest first, each with who suspended the merchant and who lifted it."""
    newest = merchant.suspensions.order_by("-at")[:MOST_SHOWN]
    return [(one, evidence.name_of(one.by), evidence.name_of(one.lifted_by)) for one in newest]


@require_http_methods(["GET", "HEAD", "POST"])
def suspend(request: HttpRequest, reference: str) -> HttpResponse:
    """The page that suspends the merchant of a case at once."""
    case, me = lookup.case_of(reference), signed_in(request)
    SUSPEND.check(me.actor)
    if not may_read_case(case, me=me, page="desk:suspend_merchant", now=timezone.now()):
        return ask_why(request, case.customer)
    merchant = Merchant.objects.filter(case=case).first()
    if merchant is None:
        raise NotFound("unknown_merchant", _t("There is no such merchant."))
    form = plainly_worded(SuspendForm(request.POST or None))
    if form.is_valid():
        try:
            suspending.suspend(merchant=merchant, by=me.actor, now=timezone.now(), **form.given())
        except Refused as refused:
            form = with_faults(form, refused)
        else:
            messages.success(request, _t("The merchant is suspended. Another person decides what becomes of it."))
            return redirect("admin:desk_case", case.reference)
    context = {"case": case, "merchant": merchant, "form": form}
    status = Invalid.status if form.is_bound else HTTPStatus.OK
    title = _t("Suspend %(name)s") % {"name": merchant.trading_name}
    return page(request, "merchant_admission/suspend.html", title, context, status=status)


urlpatterns = [
    path("merchant_admission/<str:reference>/suspend/", suspend, name="suspend"),
    path("merchant_admission/<str:reference>/payouts/", terms_page.payouts, name="payouts"),
    path("merchant_admission/<str:reference>/payouts/<int:number>/", terms_page.decide, name="decide_payouts"),
]
