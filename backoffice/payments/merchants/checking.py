"""The first person: the register extract against the application, and the merchant against its admission each year."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases.forms import Accepted, Answer, ItemForm
from backoffice.customers.representatives import FRESH_MONTHS
from backoffice.documents.fields import DocumentsForm, ShownDocuments
from backoffice.needed_fields import needed
from backoffice.payments.merchants import papers, trades
from backoffice.payments.merchants.models import Merchant, MerchantApplication
from workflows.merchant_admission.facts import RegisterChecked, Reviewed

YES, NO = "yes", "no"
ANSWERS = [(YES, _("yes")), (NO, _("no"))]
NEEDED = _("Needed where something does not fit. The person who decides reads it.")


def _asked(label: Any, help_text: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, help_text=help_text, choices=ANSWERS, widget=forms.RadioSelect)


def _remark(label: Any) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 3})
    return needed(forms.CharField(label=label, required=False, max_length=500, widget=area, help_text=NEEDED))


class _ListForm(ItemForm):
    """A list of questions, an outcome that must fit their answers, and what does not fit in words."""

    questions: tuple[str, ...] = ()
    all_right = ""
    """The outcome that goes only with "yes" to every question."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["outcome"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(outcome.value, _t(outcome.words)) for outcome in self.kind.decisions]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        answers = [cleaned.get(name) for name in self.questions]
        outcome = cleaned.get("outcome")
        if not outcome:
            return cleaned
        if outcome == self.all_right and NO in answers:
            self.add_error("outcome", _t("You answered “no” above. Choose what follows from that."))
        if outcome != self.all_right and None not in answers and NO not in answers:
            self.add_error("outcome", _t("You answered “yes” to everything. Answer “no” where something does not fit."))
        if outcome != self.all_right and not cleaned.get("remark") and "remark" not in self.errors:
            self.add_error("remark", _t("Say what does not fit."))
        return cleaned


class CheckForm(_ListForm, DocumentsForm):
    """The pages of the extract, and the list."""

    intro = _("Hold the extract against the application, point by point. Another person decides after you.")
    submit = _("This is what I found")
    questions = ("name", "number", "active", "fresh", "entitled", "trade_fits")
    all_right = RegisterChecked.FITS.value

    extract = ShownDocuments(label=_("The register extract"), purposes=(papers.EXTRACT,))
    name = _asked(_("Is the company's name on it as on file?"))
    number = _asked(_("Is its register number as on file?"))
    active = _asked(_("Does the company exist, not bankrupt and not being wound up?"))
    fresh = _asked(_("Is the extract recent?"))
    entitled = _asked(_("May whoever acts in the company's account act for it?"))
    trade_fits = _asked(_("Does what the register says it does fit the trade?"))
    outcome = forms.ChoiceField(label=_("What follows?"), widget=forms.RadioSelect)
    remark = _remark(_("What does not fit"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        applied = MerchantApplication.of(self.item.case)
        numbers = ", ".join(f"{one.kind} {one.number}" for one in applied.company.national_ids.order_by("kind"))
        self.fields["name"].help_text = _t("On file: %(name)s") % {"name": applied.company.name}
        self.fields["number"].help_text = _t("On file: %(numbers)s") % {"numbers": numbers or "—"}
        self.fields["fresh"].help_text = _t("At most %(months)d months old.") % {"months": FRESH_MONTHS}
        self.fields["trade_fits"].help_text = _t("The trade: %(trade)s") % {"trade": applied.trade_in_words}


def checked(answer: Answer) -> Accepted:
    return Accepted(answer.cleaned["outcome"])


class ReviewForm(_ListForm):
    """What is looked at each year."""

    intro = _("Look the company up in its register today, and at its payments of the year.")
    submit = _("This is what I found")
    questions = ("active", "same_trade", "same_account", "limits_fit", "undisputed")
    all_right = Reviewed.AS_BEFORE.value

    active = _asked(_("Does the company still exist, not bankrupt and not being wound up?"))
    same_trade = _asked(_("Does it still have the same trade?"))
    same_account = _asked(_("Is the account still the company's?"))
    limits_fit = _asked(_("Do its limits still fit what it takes?"))
    undisputed = _asked(_("Were no more payments disputed than usual in this trade?"))
    outcome = forms.ChoiceField(label=_("What follows?"), widget=forms.RadioSelect)
    remark = _remark(_("What is not as it was"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        merchant = Merchant.objects.filter(case=self.item.case).first()
        if merchant is None:
            return
        self.fields["same_trade"].help_text = _t("The trade: %(trade)s") % {"trade": merchant.trade_in_words}
        if refused := trades.why_not(merchant.trade):
            self.fields["same_trade"].help_text = _t("We admit this trade no longer: %(why)s") % {"why": refused}


def reviewed(answer: Answer) -> Accepted:
    return Accepted(answer.cleaned["outcome"])
