"""The second person: whether a company is admitted, goes on after a review, or after a suspension."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases import timeline
from backoffice.cases.forms import Accepted, Answer, OutcomeForm
from backoffice.cases.models import ItemState, WorkItem
from backoffice.money_fields import ReadsMoney
from backoffice.needed_fields import needed
from backoffice.payments.merchants import limits, suspending, terms, trades
from backoffice.payments.merchants.limits import FIELDS
from backoffice.payments.merchants.models import Merchant, MerchantApplication, RefusedBecause
from backoffice.refusals import Conflict
from workflows.merchant_admission.facts import Admission, Continued, RegisterChecked, SuspensionDecided
from workflows.merchant_admission.spec import CHECK_REGISTER

NEEDED_TO_REFUSE = _("Needed with a no. The company is told it in these words.")


class EndingForm(OutcomeForm):
    """A decision whose no is told to the company in words. `no` is the outcome that ends it."""

    no = ""
    because = needed(
        forms.ChoiceField(
            label=_("We say no because"), choices=RefusedBecause.choices, widget=forms.RadioSelect, required=False,
            help_text=NEEDED_TO_REFUSE,
        )
    )  # fmt: skip
    told = forms.CharField(
        label=_("What else the company should know"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The company reads it on the page of its case."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _t("For us: it goes to the timeline, and the company does not see it.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("outcome") == self.no and not cleaned.get("because") and "because" not in self.errors:
            self.add_error("because", _t("Choose what the company is told."))
        return cleaned


class _LimitsForm(ReadsMoney, EndingForm):
    """With the limits that a yes gives, in the merchant's currency."""

    yes = ""
    per_payment = limits.field(_("Limit of a payment"))
    per_day = limits.field(_("Limit of a day"))
    per_month = limits.field(_("Limit of a month"))
    field_order: tuple[str, ...] = ("outcome", *FIELDS, "because", "told", "reason")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("outcome") == self.yes:
            limits.check(self, cleaned)
        return cleaned


class DecideForm(terms.TermsFields, _LimitsForm):
    """The admission. Only an application that fits the register, of a trade that we admit, can be admitted."""

    yes, no = Admission.APPROVED.value, Admission.REFUSED.value
    field_order = ("outcome", *FIELDS, *terms.FIELDS, "because", "told", "reason")
    intro = _("Nobody pays this merchant before you decide. The limits are yours to give.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        applied = MerchantApplication.of(self.item.case)
        words = _t("The company expects %(expected)s.")
        highest, monthly = (words % {"expected": one.shown()} for one in applied.expects)
        limits.offer(self, applied.currency, per_payment=highest, per_month=monthly)
        self.add_terms(applied.currency)
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("outcome") == self.yes and (refusal := why_not_admit(self.item)):
            self.add_error("outcome", refusal)
        return cleaned


def why_not_admit(item: WorkItem) -> str:
    """The sentence that says why this application can only be refused; empty when it can be approved."""
    if refused := trades.why_not(MerchantApplication.of(item.case).trade):
        return _t("We do not admit this trade: %(why)s") % {"why": refused}
    answered = WorkItem.objects.filter(case=item.case, kind=CHECK_REGISTER.name, state=ItemState.ANSWERED)
    last = answered.order_by("-answered_at").first()
    if last is None or last.outcome != RegisterChecked.FITS.value:
        return _t("The extract and the application do not fit, so the company cannot be admitted.")
    return ""


def decided(answer: Answer) -> Accepted:
    """Keeps the limits, or what the company is told."""
    if answer.cleaned["outcome"] == Admission.APPROVED.value:
        given = terms.given(answer.cleaned, MerchantApplication.of(answer.case).currency)
        MerchantApplication.objects.filter(case=answer.case).update(
            **limits.minor_units(answer.cleaned),
            payout_account=given.account,
            fee_fixed=given.fixed.minor,
            fee_points=given.points,
            payout_delay=given.delay,
        )
        _note_limits(answer)
    else:
        _keep_why(answer)
    return Accepted(answer.cleaned["outcome"], reason=answer.cleaned["reason"])


class DecideReviewForm(_LimitsForm):
    """After a review that found something."""

    yes, no = Continued.CONTINUES.value, Continued.ENDS.value

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        merchant = Merchant.objects.filter(case=self.item.case).first()
        if merchant is not None:
            now = {name: _t("Now %(now)s.") % {"now": getattr(merchant.limits, name).shown()} for name in FIELDS}
            limits.offer(self, merchant.currency, **now)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        merchant = Merchant.objects.filter(case=self.item.case).first()
        if cleaned.get("outcome") == self.yes and merchant and (refused := trades.why_not(merchant.trade)):
            self.add_error("outcome", _t("We do not admit this trade: %(why)s") % {"why": refused})
        return cleaned


def decided_review(answer: Answer) -> Accepted:
    """Gives the merchant its new limits at once, or keeps what the company is told."""
    if answer.cleaned["outcome"] == Continued.CONTINUES.value:
        Merchant.objects.filter(case=answer.case).update(**limits.minor_units(answer.cleaned))
        _note_limits(answer)
    else:
        _keep_why(answer)
    return Accepted(answer.cleaned["outcome"], reason=answer.cleaned["reason"])


class SuspensionForm(EndingForm):
    """Whether a suspended merchant goes on. Whoever suspended it is refused by the rule."""

    no = SuspensionDecided.ENDS.value
    intro = _("No payment is ordered for this merchant until you decide.")


def decided_suspension(answer: Answer) -> Accepted:
    """Lifts the suspension, or keeps what the company is told. Raises `Forbidden` for whoever suspended it, and
    `Conflict` where no suspension is in force."""
    merchant = Merchant.objects.filter(case=answer.case).first()
    if merchant is None:
        raise Conflict("no_merchant", _t("The company is no merchant of ours."))
    if answer.cleaned["outcome"] == SuspensionDecided.REINSTATED.value:
        suspending.reinstate(merchant=merchant, by=answer.by, now=answer.now)
    else:
        suspending.check_another_person(suspending.in_force(merchant), by=answer.by)
        _keep_why(answer)
    return Accepted(answer.cleaned["outcome"], reason=answer.cleaned["reason"])


def _keep_why(answer: Answer) -> None:
    applied = MerchantApplication.of(answer.case)
    applied.refused_because, applied.told = answer.cleaned["because"], answer.cleaned["told"]
    applied.save(update_fields=["refused_because", "told"])


def _note_limits(answer: Answer) -> None:
    """The same in every language: "500.00 EUR"."""
    given = answer.cleaned
    data = {
        "per_payment": str(given["per_payment"]),
        "per_day": str(given["per_day"]),
        "per_month": str(given["per_month"]),
    }
    timeline.note(answer.case, "merchant.limits_decided", by=answer.by, data=data, at=answer.now)
