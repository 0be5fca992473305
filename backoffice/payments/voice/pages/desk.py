"""Payments by telephone at the desk: the list, and what stands on the page of the case of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from backoffice.cases import keeping_from, turns
from backoffice.cases.models import Case
from backoffice.payments.payouts import pages as payouts
from backoffice.payments.payouts import shown
from backoffice.payments.payouts.models import payout_of
from backoffice.payments.risk import assessing, desk
from backoffice.payments.voice import proofs, records, words
from backoffice.payments.voice.models import CleanLeg, MoneyState, Reading, VoiceCall, VoicePayment
from backoffice.refusals import Invalid
from backoffice.staff import rights
from backoffice.ui.paging import page_of
from backoffice.ui.staff import page, signed_in

PAYMENTS = "admin:voice_payment:payments"
MOST_SHOWN = 20


@require_safe
def payments(request: HttpRequest) -> HttpResponse:
    """The newest first, without what only the page of the case shows; `?money=` narrows them."""
    me = signed_in(request)
    rights.LIST.check(me.actor)
    money, here = request.GET.get("money", ""), reverse(PAYMENTS)
    found = VoicePayment.objects.filter(keeping_from.visible(me.actor, case="case"))
    found = found.select_related(*records.WITH)
    if money:
        if money not in MoneyState.values:
            raise Invalid({"money": [_("There is no such list.")]})
        found, here = found.filter(money=money), f"{here}?money={money}"
    shown = page_of(found, order=("-ordered_at", "pk"), after=request.GET.get("after", ""))
    records.know(shown.rows)
    turns.look_up([one.case for one in shown.rows])
    joined = f"{here}{'&' if money else '?'}after={shown.after}"
    context = {
        "rows": shown.rows,
        "states": list(MoneyState),
        "money": money,
        "newer": "" if shown.first else here,
        "older": joined if shown.after else "",
    }
    return page(request, "voice_payment/desk/payments.html", _("Payments by telephone"), context)


def panel(case: Case) -> tuple[str, Mapping[str, Any]] | None:
    """The order, what the risk rules said, what was read out, the calls, the proofs, and what the merchant gets; None
    for a case under it."""
    payment = VoicePayment.objects.filter(case=case).select_related("merchant", "agent", "point__customer").first()
    if payment is None:
        return None
    context = {
        "payment": payment,
        "lines": words.lines(payment),
        "risk": [str(assessing.words(code)[0]) for code in payment.risk],
        "readings": Reading.objects.filter(payment=payment).order_by("-read_at")[:MOST_SHOWN],
        "calls": VoiceCall.objects.filter(payment=payment).select_related("call").order_by("-number")[:MOST_SHOWN],
        "proofs": _proofs(payment),
        "payout": shown.lines(payout) if (payout := payout_of(case)) else (),
    }
    return "voice_payment/desk/panel.html", context


def _proofs(payment: VoicePayment) -> Sequence[tuple[CleanLeg, str]]:
    """Each with what is wrong with it; empty where nothing is."""
    legs = list(CleanLeg.objects.filter(payment=payment).order_by("at", "pk")[:MOST_SHOWN])
    if not legs:
        return []
    try:
        key = proofs.public_key(settings.VOICE_PUBLIC_KEY_PATH)
    except proofs.CannotVerify:
        return [(leg, _("it cannot be checked here: the gateway's public key is not set")) for leg in legs]
    return [(leg, proofs.wrong_with(leg, key)) for leg in legs]


urlpatterns = [
    path("voice_payment/", payments, name="payments"),
    path("voice_payment/payouts/", payouts.at_desk, name="payouts"),
    *desk.urlpatterns,
]
