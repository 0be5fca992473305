"""The desk's page of the risk rules: each with its number now, and how much was lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from backoffice.money import Money
from backoffice.payments.ledger.loss_rate import PROMISED, LossRate
from backoffice.payments.risk import limits, tightening, top_up_rules
from backoffice.payments.risk.limits import Limits
from backoffice.payments.risk.models import RiskTightening
from backoffice.payments.risk.orders import StepUp
from backoffice.payments.risk.rules import DENY, RULES, SUSPEND, Rule
from backoffice.staff import rights
from backoffice.staff.rights import Text
from backoffice.ui.staff import page, signed_in

MOST_SHOWN = 20
_RESULTS: Mapping[str, Text] = {
    DENY: _("Refused"),
    SUSPEND: _("The merchant is suspended"),
    StepUp.IDENTITY: _("The customer confirms it first"),
    StepUp.DOCUMENT: _("We see a document first"),
    StepUp.CALL_OUT_ONLY: _("By call-out only"),
}


@dataclass(frozen=True)
class Line:
    """A rule as the page shows it. `now` and `usual` are its number, as it holds and before it was tightened; empty
    for a rule without one."""

    what: Text
    result: Text
    now: str
    usual: str


@require_safe
def risk_rules(request: HttpRequest) -> HttpResponse:
    """All rules in one currency, which `?currency=` names."""
    rights.LIST.check(signed_in(request).actor)
    offered = limits.currencies()
    asked = request.GET.get("currency", settings.ISSUER_CURRENCY.upper())
    currency = asked if asked in offered else offered[0]
    context = {
        "currencies": offered,
        "currency": currency,
        "lines": _lines(currency, RULES.values()),
        "top_up_lines": _lines(currency, top_up_rules.RULES.values()),
        "changes": RiskTightening.objects.filter(currency=currency)[:MOST_SHOWN],
        "promised": PROMISED.denominator,
        **_losses(tightening.rate_of(currency, now=timezone.now())),
    }
    return page(request, "voice_payment/desk/risk_rules.html", _t("Risk rules"), context)


def _losses(rate: LossRate) -> dict[str, Any]:
    """`share` is how much was lost of as much as we promise to lose one of; None where nothing was captured."""
    share = rate.lost.minor * PROMISED.denominator / rate.captured.minor if rate.captured else None
    return {"lost": rate.lost.shown(), "captured": rate.captured.shown(), "share": share, "broken": rate.exceeds()}


def _lines(currency: str, rules: Iterable[Rule[Any, Any]]) -> Sequence[Line]:
    now, usual = tightening.in_force(currency), limits.usual(currency)
    return [Line(one.what, _RESULTS[one.result], _number(one, now), _number(one, usual)) for one in rules]


def _number(rule: Rule[Any, Any], these: Limits) -> str:
    if not rule.limit:
        return ""
    amount = getattr(these.amounts, rule.limit, None)
    if isinstance(amount, Money):
        return _t("over %(most)s") % {"most": amount.shown()}
    count: int = getattr(these.counts, rule.limit)
    if rule.limit.endswith("_days"):
        return ngettext("under %(days)d day", "under %(days)d days", count) % {"days": count}
    return _t("over %(most)s") % {"most": count}


urlpatterns = [path("voice_payment/risk/", risk_rules, name="risk")]
