"""What people decide about a claim, and what its customer answers before a credit is taken back."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases.forms import Accepted, Answer, ItemForm, OutcomeForm
from backoffice.documents.fields import DocumentsForm
from backoffice.needed_fields import needed
from backoffice.payments.claim_answers import asking
from backoffice.payments.claim_answers.sending import EvidenceOfMerchant
from backoffice.payments.claims.dates import end_of
from backoffice.payments.claims.models import PaymentClaim, Verdict
from backoffice.trust.quiet_hours import zone
from workflows.claim_answer.facts import How
from workflows.payment_claim.facts import CreditDecided, Found, Investigated, Objected

LONGEST, SHORTEST = 2000, 20
"""In characters, of what the customer reads."""


class CreditForm(OutcomeForm):
    """Whether the customer has the money while it is looked into."""

    intro = _(
        "On a doubt the customer has the money first. Refuse it only where something speaks against them; it is "
        "looked into all the same."
    )


def decided_credit(answer: Answer) -> Accepted:
    """Notes a refusal, which the customer sees; a yes is noted by the credit itself."""
    if answer.cleaned["outcome"] == CreditDecided.REFUSED:
        claim = PaymentClaim.of(answer.case)
        claim.credit_refused_at = answer.now
        claim.save(update_fields=["credit_refused_at"])
    return Accepted(answer.cleaned["outcome"], reason=answer.cleaned["reason"])


class DecideForm(OutcomeForm, DocumentsForm):
    """A decision, and what the customer reads of it."""

    intro = _(
        "If the customer is right, or nobody can show that they are not, they keep it. Say who bears it: the merchant "
        "where it did not deliver or ordered wrongly, we where the payment itself went wrong."
    )
    because = needed(
        forms.CharField(
            label=_("Your reasons, to the customer"),
            required=False,
            max_length=LONGEST,
            widget=forms.Textarea(attrs={"rows": 5}),
            help_text=_("They read it word for word. It is needed where they do not keep the money."),
        )
    )
    sent = EvidenceOfMerchant(label=_("What the merchant sent"))
    field_order = ("sent", "outcome", "because", "hold_until", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.claim = PaymentClaim.of(self.item.case)
        self.fields["reason"].help_text = _t("For us: it goes to the timeline, and the customer does not see it.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        explained = (Investigated.WRONG.value, Investigated.HOLD.value)
        if cleaned.get("outcome") in explained and len(cleaned.get("because") or "") < SHORTEST:
            self.add_error("because", _t("Write at least one whole sentence: the customer has a right to the reasons."))
        return cleaned


class InvestigateForm(DecideForm):
    """The same for the first who decides, who may write a holding letter once."""

    hold_until = needed(
        forms.DateField(
            label=_("By which day do we decide?"),
            required=False,
            help_text=_("Only with a holding letter. Your reasons then say why it takes longer."),
            widget=forms.DateInput(attrs={"type": "date"}),
        )
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.claim.held_at is not None:
            choice = self.fields["outcome"]
            assert isinstance(choice, forms.ChoiceField)
            offered = [one for one in self.kind.decisions if one.value != Investigated.HOLD]
            choice.choices = [(one.value, _t(one.words)) for one in offered]
            del self.fields["hold_until"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        day: date | None = cleaned.get("hold_until")
        if cleaned.get("outcome") != Investigated.HOLD:
            if day is not None:
                self.add_error("hold_until", _t("A day belongs to a holding letter only. Leave this empty."))
        elif "hold_until" not in self.errors and (refusal := self._why_not_until(day)):
            self.add_error("hold_until", refusal)
        return cleaned

    def _why_not_until(self, day: date | None) -> str:
        where = zone(self.claim.customer.time_zone)
        first, last = (at.astimezone(where).date() for at in (self.claim.decide_by, self.claim.latest_by))
        if day is None:
            return _t("Write the day by which the customer has our decision.")
        if not first < day <= last:
            words = _t("Write a day after %(first)s and not after %(last)s: no letter moves the decision beyond it.")
            return words % {"first": date_format(first, "j F Y"), "last": date_format(last, "j F Y")}
        return ""


def decided(answer: Answer) -> Accepted:
    """Keeps the decision with its reasons, or the holding letter."""
    given, claim = answer.cleaned, PaymentClaim.of(answer.case)
    if given["outcome"] == Investigated.HOLD:
        until = min(end_of(given["hold_until"], claim.customer), claim.latest_by)
        claim.held_at, claim.held_because, claim.decide_by = answer.now, given["because"], until
        claim.save(update_fields=["held_at", "held_because", "decide_by"])
        return Accepted(given["outcome"], facts=Found(until=until), reason=given["reason"])
    _keep(claim, answer)
    return Accepted(given["outcome"], reason=given["reason"])


class ReviewForm(DecideForm):
    """Whether a decision stays after what the customer answered."""

    intro = _("The customer does not agree with the decision. Read their answer first, and decide anew.")


def reviewed(answer: Answer) -> Accepted:
    """The decision of the third person is the one that counts."""
    _keep(PaymentClaim.of(answer.case), answer)
    return Accepted(answer.cleaned["outcome"], reason=answer.cleaned["reason"])


def _keep(claim: PaymentClaim, answer: Answer) -> None:
    claim.verdict, claim.because = Verdict(answer.cleaned["outcome"]), answer.cleaned["because"]
    claim.decided_at = answer.now
    claim.save(update_fields=["verdict", "because", "decided_at"])
    if claim.verdict != Verdict.WRONG:
        asking.tell_decision(claim, How(claim.verdict), now=answer.now)


class ObjectForm(ItemForm):
    """What the customer says to a decision before the credit is taken back."""

    intro = _(
        "You need not answer. If you do, somebody who has not decided before reads it and looks at everything again."
    )
    submit = _("Send my answer")

    answer = forms.CharField(
        label=_("What did we not see, or get wrong?"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("In your own words. Write no card numbers."),
        error_messages={"required": _("Write in a few words what we did not see or got wrong.")},
    )


def objected(answer: Answer) -> Accepted:
    """Keeps what the customer answered beside the decision."""
    claim = PaymentClaim.of(answer.case)
    claim.answer, claim.answered_at = answer.cleaned["answer"], answer.now
    claim.save(update_fields=["answer", "answered_at"])
    return Accepted(Objected.ANSWERED)
