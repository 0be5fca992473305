"""Applying as a merchant: what the company sells, how much it expects, how it is called, and where its money goes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from babel.numbers import get_territory_currencies
from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor
from backoffice.cases.forms import OpeningForm
from backoffice.cases.models import Case
from backoffice.customers.models import Customer, CustomerKind, NationalIdKind
from backoffice.money import Money
from backoffice.money_fields import MoneyField, ReadsMoney, currency_field
from backoffice.payments.merchants import limits, trades, trading_names
from backoffice.payments.merchants.accounts import IbanField
from backoffice.payments.merchants.models import MerchantApplication
from backoffice.refusals import Conflict
from workflows.base.spec import Nothing

REGISTERED_BY = (NationalIdKind.KVK, NationalIdKind.REGON, NationalIdKind.NIP, NationalIdKind.VAT)
"""The numbers by which a company is found in a register."""
NAME_TAKEN = _("Another company has this name, or one that sounds or looks like it. Add what tells you apart.")


def why_not(customer: Customer) -> str:
    """The sentence that says why this customer cannot apply now; empty when they can."""
    if customer.kind != CustomerKind.ORGANISATION:
        return _t("Only a company can take payments by telephone.")
    if not customer.national_ids.filter(kind__in=REGISTERED_BY).exists():
        return _t("We have no register number of the company. Call us, so that we enter it.")
    under_way = MerchantApplication.objects.filter(company=customer, live=True).select_related("case").first()
    if under_way is not None:
        told = {"reference": under_way.case.reference}
        return _t("The company has applied already, or is a merchant: %(reference)s.") % told
    return ""


class ApplyForm(ReadsMoney, OpeningForm):
    """What a company tells when it applies. The papers come afterwards."""

    intro = _(
        "A merchant's own people take orders by telephone, and its customers pay by the keys of their own telephones. "
        "After this form we ask for a register extract. Then two of us look at it."
    )
    submit = _("Apply")

    trade = forms.ChoiceField(
        label=_("What does the company sell?"),
        help_text=_("Choose what most of its payments will be for."),
        error_messages={"required": _("Choose the trade.")},
    )
    trading_name = forms.CharField(
        label=_("Under which name do customers know it?"),
        max_length=trading_names.LONGEST,
        help_text=_("A voice reads it out before they pay: write it as it is spoken, without the legal form."),
    )
    currency = currency_field(limits.caps(), label=_("In which currency is it paid?"))
    highest_amount = MoneyField(label=_("Highest single amount"))
    monthly_volume = MoneyField(
        label=_("Expected in a month, all payments together"),
        help_text=_("A guess is enough. We look at it again each year."),
    )
    iban = IbanField(
        label=_("Account to which the money goes (IBAN)"),
        help_text=_("It must be the company's own."),
        error_messages={"required": _("Write the IBAN of the account.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        trade = self.fields["trade"]
        assert isinstance(trade, forms.ChoiceField)
        trade.choices = [("", _t("Choose")), *trades.choices()]
        used = get_territory_currencies(self.customer.country)
        self.fields["currency"].initial = next((one for one in used if one in limits.caps()), next(iter(limits.caps())))
        for name, limit in (("highest_amount", "per_payment"), ("monthly_volume", "per_month")):
            field = self.fields[name]
            assert isinstance(field, MoneyField)
            field.most = limits.most(limit)

    def clean_trade(self) -> str:
        chosen = str(self.cleaned_data["trade"])
        if refused := trades.why_not(chosen):
            raise forms.ValidationError(_t("We do not admit this trade. %(why)s") % {"why": refused})
        return chosen

    def clean_trading_name(self) -> str:
        name = str(self.cleaned_data["trading_name"])
        if refusal := trading_names.why_not(name) or self._why_taken(name):
            raise forms.ValidationError(refusal)
        return name

    def _why_taken(self, name: str) -> str:
        """By another company. A second one of this company is refused by the rule, which knows what was sent twice."""
        taken = MerchantApplication.objects.filter(name_key=trading_names.key_of(name), live=True)
        return str(NAME_TAKEN) if taken.exclude(company=self.customer).exists() else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        highest, monthly = cleaned.get("highest_amount"), cleaned.get("monthly_volume")
        if highest and monthly and monthly < highest:
            self.add_error("monthly_volume", _t("It cannot be less than the highest single amount."))
        return cleaned


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> Nothing:
    """Runs in the opening's transaction. Raises `Conflict` when the company has applied already, and on `trading_name`
    when another company took the name meanwhile."""
    company = Customer.objects.select_for_update().get(pk=case.customer_id)
    if refusal := why_not(company):
        raise Conflict("not_now", refusal)
    name = str(content["trading_name"])
    row = MerchantApplication(
        case=case,
        company=company,
        trade=content["trade"],
        trading_name=name,
        name_key=trading_names.key_of(name),
        currency=content["currency"],
        monthly_volume=_minor(content["monthly_volume"]),
        highest_amount=_minor(content["highest_amount"]),
        iban=content["iban"],
    )
    MerchantApplication.objects.bulk_create([row], ignore_conflicts=True)
    if not MerchantApplication.objects.filter(case=case).exists():
        raise Conflict("name_taken", str(NAME_TAKEN), field="trading_name")
    case.subject = name
    return Nothing()


def _minor(content: str) -> int:
    """Of an amount as the content of an opening holds it: "500.00 EUR"."""
    amount, _blank, currency = content.partition(" ")
    return Money.of(Decimal(amount), currency).minor
