"""The lists of payouts: of a merchant, for its agents; of all merchants, at the desk."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_safe

from backoffice.cases import keeping_from
from backoffice.payments.agents.acting import AgentRequest, for_agents
from backoffice.payments.merchants.models import Merchant
from backoffice.payments.merchants.terms import masked
from backoffice.payments.payouts import shown
from backoffice.payments.payouts.models import Payout, PayoutState
from backoffice.payments.payouts.rights import SEE_PAYOUTS
from backoffice.refusals import Invalid
from backoffice.ui.paging import page_of
from backoffice.ui.staff import page, signed_in

MINE, ALL = "portal:voice_payment:payouts", "admin:voice_payment:payouts"
_ORDER = ("-taken_at", "pk")


@require_safe
@for_agents
def mine(request: AgentRequest) -> HttpResponse:
    """When the money of each payment comes, how much, and what was kept of it; the newest payment first."""
    merchant = request.agent.merchant
    found = Payout.objects.filter(payment__merchant=merchant).select_related("payment__case", "payment__merchant")
    rows, here = page_of(found, order=_ORDER, after=request.GET.get("after", "")), reverse(MINE)
    terms = merchant.terms
    context = {
        "agent": request.agent,
        "merchant": merchant,
        "rows": [shown.for_merchant(one) for one in rows.rows],
        "lines": [
            (_t("Paid out to"), masked(terms.account) if terms.account else _t("no account yet: call us")),
            (_t("When"), terms.delay_in_words()),
            (_t("Our fee"), terms.fee_in_words()),
        ],
        "newer": "" if rows.first else here,
        "older": f"{here}?after={rows.after}" if rows.after else "",
    }
    return render(request, "voice_payment/console/payouts.html", context)


@require_safe
def at_desk(request: HttpRequest) -> HttpResponse:
    """The newest payment first; `?state=` and `?merchant=` narrow them."""
    me = signed_in(request)
    SEE_PAYOUTS.check(me.actor)
    state, merchant = request.GET.get("state", ""), _merchant(request.GET.get("merchant", ""))
    found = Payout.objects.filter(keeping_from.visible(me.actor, case="payment__case"))
    found = found.select_related("payment__case", "payment__merchant__case")
    if state:
        if state not in PayoutState.values:
            raise Invalid({"state": [_t("There is no such list.")]})
        found = found.filter(state=state)
    if merchant is not None:
        found = found.filter(payment__merchant=merchant)
    of_merchant = {"merchant": str(merchant.public_id)} if merchant else {}
    here = {**({"state": state} if state else {}), **of_merchant}
    rows = page_of(found, order=_ORDER, after=request.GET.get("after", ""))
    context = {
        "rows": [shown.for_staff(one) for one in rows.rows],
        "states": [(one.value, one.label, _address({"state": one.value, **of_merchant})) for one in PayoutState],
        "all_address": _address(of_merchant),
        "state": state,
        "merchant": merchant,
        "newer": "" if rows.first else _address(here),
        "older": _address({**here, "after": rows.after}) if rows.after else "",
    }
    return page(request, "voice_payment/desk/payouts.html", _t("Payouts to merchants"), context)


def _address(query: dict[str, str]) -> str:
    return f"{reverse(ALL)}?{urlencode(query)}" if query else reverse(ALL)


def _merchant(public_id: str) -> Merchant | None:
    """Raises `Invalid` on `merchant` for one that there is not."""
    if not public_id:
        return None
    try:
        found = Merchant.objects.filter(public_id=UUID(public_id)).select_related("case").first()
    except ValueError:
        found = None
    if found is None:
        raise Invalid({"merchant": [_t("There is no such merchant.")]})
    return found
