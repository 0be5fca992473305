"""The form that changes an order, in the console and at the API."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backoffice.money import number_of
from backoffice.money_fields import MoneyField, ReadsMoney
from backoffice.payments.voice import spoken_texts
from backoffice.payments.voice.models import VoicePayment
from backoffice.text_fields import KeptTexts


class ChangeForm(KeptTexts, ReadsMoney, forms.Form):
    """What may still change: the amount and what it is for. Both stand in it as they are now."""

    amount = MoneyField(label=_("Amount"))
    what_for = forms.CharField(
        label=_("What is it for?"),
        max_length=spoken_texts.LONGEST,
        help_text=_("It is read out to the customer: write it as it is spoken."),
        error_messages={"required": _("Say what it is for.")},
    )

    def __init__(self, data: Any = None, *, payment: VoicePayment) -> None:
        super().__init__(data, initial={"amount": number_of(payment.sum), "what_for": payment.what_for})
        amount = self.fields["amount"]
        assert isinstance(amount, MoneyField)
        limit = payment.merchant.limits.per_payment
        amount.currency, amount.most = payment.currency, {limit.currency: limit.minor}
