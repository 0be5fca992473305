"""Opening a top-up: only the customer does, in the portal, since it leads to a number that only they may see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor
from backoffice.cases.forms import OpeningForm
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.money_fields import currency_field
from backoffice.payments.provider.ports import provider
from backoffice.payments.top_up.limits import CAPS, usual_currency
from backoffice.payments.top_up.models import TopUp
from backoffice.refusals import Conflict
from workflows.base.spec import Nothing


class TopUpForm(OpeningForm):
    """Only the currency: amount and card are keyed in on the telephone."""

    intro = _(
        "You call us, and key in how much and from which card. Nobody of ours is on the line. On the next page we show"
        " you the digits with which you prove on the telephone that it is you. If your call shows no number, we always"
        " ask you here first whether it was you."
    )
    submit = _("Go on")

    currency = currency_field(CAPS, label=_("In which currency?"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currency = self.fields["currency"]
        assert isinstance(currency, forms.ChoiceField)
        currency.initial = usual_currency(self.customer)


def why_not(customer: Customer) -> str:
    """The sentence that says why this customer cannot start a top-up now; empty when they can."""
    if provider() is None:
        return _t("We take no payments by card at the moment.")
    under_way = TopUp.objects.filter(case__customer=customer, case__closed_at=None).select_related("case").first()
    if under_way is not None:
        return _t("You have started this already: %(reference)s.") % {"reference": under_way.case.reference}
    return ""


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> Nothing:
    """Runs in the opening's transaction. Raises `Conflict` when one is under way."""
    customer = Customer.objects.select_for_update().get(pk=case.customer_id)
    if refusal := why_not(customer):
        raise Conflict("not_now", refusal)
    TopUp.objects.create(case=case, currency=content["currency"])
    case.subject = content["currency"]
    return Nothing()
