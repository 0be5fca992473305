"""Money in forms: an amount, and the currency that it is in, which is chosen beside it or fixed.

In HTML as in JSON they are two plain fields: `{"amount": "12.50", "currency": "EUR"}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.money import LONGEST, Money, NotAnAmount, name_of, parse


class MoneyField(forms.CharField):
    """An amount of more than zero. In a form of `ReadsMoney` its cleaned value is `Money`.

    It is in `currency` where that is given, otherwise in what is chosen in the form's field `currency_in`. `least` and
    `most` are bounds by currency, in the smallest unit; a currency without one has no other bound than
    `money.MOST_MINOR`. With `most`, a currency that it does not name is refused.
    """

    def __init__(
        self,
        *,
        currency: str = "",
        currency_in: str = "currency",
        least: Mapping[str, int] | None = None,
        most: Mapping[str, int] | None = None,
        **kwargs: Any,
    ) -> None:
        attributes = {"inputmode": "decimal", "autocomplete": "off"}
        kwargs = {"max_length": LONGEST, "widget": forms.TextInput(attributes), **kwargs}
        kwargs.setdefault("error_messages", {"required": _("Enter an amount.")})
        super().__init__(**kwargs)
        self.currency, self.currency_in = currency, currency_in
        self.least, self.most = least or {}, most

    def read(self, typed: str, currency: str) -> Money:
        """Raises `ValidationError` in words for the person who typed it."""
        try:
            money = parse(typed, currency)
        except NotAnAmount as refused:
            raise forms.ValidationError(refused.sentence, code=refused.code) from None
        if not money:
            raise forms.ValidationError(_t("Enter an amount of more than zero."), code="zero")
        self._check_bounds(money)
        return money

    def _check_bounds(self, money: Money) -> None:
        least = Money(self.least.get(money.currency, 1), money.currency)
        if money < least:
            words = _t("Enter at least %(least)s.") % {"least": least.shown()}
            raise forms.ValidationError(words, code="too_small")
        if self.most is None:
            return
        most = self.most.get(money.currency)
        if most is None:
            words = _t("No amount in %(currency)s is possible here.") % {"currency": money.currency}
            raise forms.ValidationError(words, code="currency")
        if money.minor > most:
            words = _t("Enter at most %(most)s.") % {"most": Money(most, money.currency).shown()}
            raise forms.ValidationError(words, code="too_large")


def currency_field(codes: Iterable[str], **kwargs: Any) -> forms.ChoiceField:
    """The choice of a currency among these, each with its code and its name in the language of the page."""
    listed = sorted(codes)

    def choices() -> Sequence[tuple[str, str]]:
        return [(code, f"{code} – {name_of(code)}") for code in listed]

    return forms.ChoiceField(choices=choices, **{"label": _("Currency"), **kwargs})


class ReadsMoney(forms.BaseForm):
    """A form with fields of money. It reads them once the currency is known, and puts what is wrong beside the amount.
    An amount in a currency that was refused is not read."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name, field in self.fields.items():
            if isinstance(field, MoneyField) and name in cleaned:
                cleaned[name] = self._money(name, field, cleaned)
        return cleaned

    def _money(self, name: str, field: MoneyField, cleaned: Mapping[str, Any]) -> Money | None:
        typed, currency = cleaned[name], field.currency or cleaned.get(field.currency_in)
        if not typed:
            return None
        if not currency:
            if field.currency_in not in self.errors:
                self.add_error(field.currency_in, _t("Choose the currency of the amount."))
            return None
        try:
            return field.read(typed, currency)
        except forms.ValidationError as wrong:
            self.add_error(name, wrong)
            return None
