"""The customer says in the portal whether it is they who add money by telephone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases.forms import Accepted, Answer, ItemForm
from backoffice.money import Money
from backoffice.payments.top_up.models import TopUp
from workflows.top_up.facts import Confirmed


class ConfirmForm(ItemForm):
    submit = _("Answer")
    outcome = forms.ChoiceField(
        label=_("Is that you?"),
        choices=[
            (Confirmed.CONFIRMED.value, _("Yes. I call again, and add it")),
            (Confirmed.NOT_MINE.value, _("No. Somebody else has called")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say yes or no.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        top_up = TopUp.objects.get(case=self.item.case)
        told = {"amount": Money(top_up.to_confirm or 0, top_up.currency).shown()}
        asked = _t(
            "Somebody called us with the digits that we showed you, and wants to add %(amount)s to your balance. Your"
            " answer charges nothing. If it is you, have new digits shown afterwards, and call again. If it is not you,"
            " we stop it and call you."
        )
        self.intro = asked % told


def confirmed(answer: Answer) -> Accepted:
    """From now on nothing is asked once more about this amount, or a smaller one."""
    outcome = answer.cleaned["outcome"]
    if outcome == Confirmed.CONFIRMED.value:
        TopUp.objects.filter(case=answer.item.case).update(confirmed_at=timezone.now())
    return Accepted(outcome)
