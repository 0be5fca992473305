"""What a merchant is paid: to which account at the payment provider, when, and for which fee of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from backoffice.money import Money
from backoffice.money_fields import MoneyField, ReadsMoney

DELAY, LONGEST_DELAY = 7, 90
"""Days between the report of the delivery and the payout: the usual number, and the most."""
MOST_POINTS = 2_000
"""Of our fee, in hundredths of a percent."""
FIELDS = ("payout_account", "fee_fixed", "fee_percent", "payout_delay")
"""Of a form that says it all."""
COOLING = timedelta(hours=72)
"""How long nothing is paid to an account that was changed: long enough for the company to read that, and to call us."""
ACCOUNT = re.compile(r"acct_[A-Za-z0-9]{10,40}")
"""As the provider writes it; nothing else about it is ours to know."""


@dataclass(frozen=True)
class Terms:
    """`points` are hundredths of a percent of a payment, `fixed` comes on top for each. `delay` is in days."""

    account: str
    fixed: Money
    points: int
    delay: int

    def fee(self, amount: Money) -> Money:
        """Ours for a payment of this amount: rounded half up to the smallest unit, and never more than the payment."""
        fee = self.fixed.minor + (amount.minor * self.points + 5_000) // 10_000
        return Money(min(fee, amount.minor), amount.currency)

    def fee_in_words(self) -> str:
        """ "0.25 EUR and 1.40 % of each payment"."""
        told = {"fixed": self.fixed.shown(), "percent": f"{Decimal(self.points).scaleb(-2):f}"}
        if self.fixed and self.points:
            return _t("%(fixed)s and %(percent)s %% of each payment") % told
        if self.points:
            return _t("%(percent)s %% of each payment") % told
        return _t("%(fixed)s for each payment") % told if self.fixed else _t("none")

    def delay_in_words(self) -> str:
        if not self.delay:
            return _t("at once, when the delivery is reported")
        words = ngettext(
            "%(days)d day after the delivery is reported", "%(days)d days after the delivery is reported", self.delay
        )
        return words % {"days": self.delay}


def masked(account: str) -> str:
    """The last four characters."""
    return f"acct ····{account[-4:]}" if account else "—"


class TermsFields(ReadsMoney):
    """The fields of a form that says what a merchant is paid. All may stay empty."""

    def add_terms(self, currency: str, *, now: Terms | None = None) -> None:
        """Adds the fields, filled in with the terms of `now`."""
        self.fields["payout_account"] = forms.CharField(
            label=_("Account at the payment provider"),
            required=False,
            max_length=60,
            initial=now.account if now else "",
            help_text=_("Where their money goes. Copy it from the provider: it begins with acct_."),
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        )
        self.fields["fee_fixed"] = MoneyField(
            label=_("Our fee for each payment, in %(currency)s") % {"currency": currency},
            required=False,
            currency=currency,
            initial=f"{now.fixed.decimal:f}" if now and now.fixed else "",
            help_text=_("Empty for none."),
        )
        self.fields["fee_percent"] = forms.DecimalField(
            label=_("Our fee in percent of each payment"),
            required=False,
            min_value=0,
            max_value=Decimal(MOST_POINTS) / 100,
            decimal_places=2,
            initial=Decimal(now.points) / 100 if now and now.points else None,
            help_text=_("Such as 1.40. Empty for none."),
        )
        self.fields["payout_delay"] = forms.IntegerField(
            label=_("Days between the delivery and the payout"),
            required=False,
            min_value=0,
            max_value=LONGEST_DELAY,
            initial=now.delay if now else None,
            help_text=_("Empty for %(days)d. With 0 they are paid at once.") % {"days": DELAY},
        )

    def clean_payout_account(self) -> str:
        typed = str(self.cleaned_data["payout_account"] or "")
        if typed and not ACCOUNT.fullmatch(typed):
            words = _t("This is no account at the payment provider: it is acct_ and 10 to 40 letters and digits.")
            raise forms.ValidationError(words, code="account")
        return typed


def given(cleaned: dict[str, Any], currency: str) -> Terms:
    """What was filled in; what was not has its usual value."""
    delay = cleaned.get("payout_delay")
    return Terms(
        account=cleaned.get("payout_account") or "",
        fixed=cleaned.get("fee_fixed") or Money(0, currency),
        points=int((cleaned.get("fee_percent") or 0) * 100),
        delay=DELAY if delay is None else int(delay),
    )
