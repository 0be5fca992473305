"""Opening a claim: which payment, and what is wrong with it. Two presses in the portal: what is wrong, and send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases import timeline
from backoffice.cases.forms import OpeningForm
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.money import LONGEST as LONGEST_AMOUNT
from backoffice.money import Money
from backoffice.money_fields import MoneyField
from backoffice.payments.claim_answers import asking
from backoffice.payments.claims import caps, given_back
from backoffice.payments.claims.dates import OLDEST, dates_of, notice_of_a_reversal
from backoffice.payments.claims.models import Came, NeedsPerson, PaymentClaim, Why
from backoffice.payments.voice.models import MoneyState, VoicePayment
from backoffice.references import tidy_reference
from backoffice.refusals import Conflict
from workflows.claim_answer.facts import How
from workflows.payment_claim.facts import ClaimOpening, Credit, PaidTo
from workflows.payment_claim.spec import PAYMENT_CLAIM

LONGEST = 1000
"""In characters, of what the customer adds in their own words."""
MOST_OFFERED = 50
MOST_OPEN = 3
"""Claims about one payment at once, so that nobody floods us with claims about a cent."""
_PAID = (MoneyState.CAPTURED, MoneyState.REFUNDED)


@dataclass(frozen=True)
class Way:
    """A link to the form that disputes a payment: `why_not` says why it cannot be disputed; then there is no link."""

    address: str
    words: str
    why_not: str = ""


def page_of(payment: VoicePayment, *, now: datetime, why: Why | None = None) -> Way:
    """Where the customer of a payment disputes it, with `why` chosen already if it is given. A page that offers one
    link for each `Why` makes it two presses from there. `now` is aware."""
    query = {"payment": payment.case.reference, **({"why": why.value} if why else {})}
    address = reverse("portal:open", args=[PAYMENT_CLAIM.name], query=query)
    words = str(why.label) if why else _t("Dispute this payment")
    return Way(address, words, why_not_claim(payment, now=now))


def paid_by(customer: Customer, *, now: datetime) -> QuerySet[VoicePayment]:
    """The payments of a customer that are not too old to be disputed, the newest first."""
    found = VoicePayment.objects.filter(case__customer=customer, money__in=_PAID, captured_at__gt=now - OLDEST)
    return found.select_related("case", "merchant").order_by("-captured_at", "pk")


def why_not(customer: Customer) -> str:
    """The sentence that says why this customer can dispute nothing; empty when they can."""
    found = paid_by(customer, now=timezone.now()).exists()
    return "" if found else _t("No payment of the last 13 months is there to dispute.")


def why_not_claim(payment: VoicePayment, *, now: datetime) -> str:
    """The sentence that says why this payment cannot be disputed; empty when it can. What went back already is answered
    at once with it. `now` is aware."""
    if payment.captured_at is None or payment.money not in _PAID:
        return _t("Nothing was taken for this order, so there is nothing to give back.")
    if payment.captured_at <= now - OLDEST:
        return _t("This payment is more than 13 months old. Call us about it.")
    if not payment.sum - given_back.settled_of(payment) or payment.money == MoneyState.REFUNDED:
        on = payment.refunded_at
        if on is None:
            return _t("You have this money back already.")
        told = {"day": date_format(timezone.localtime(on), "j F Y"), "last_four": payment.last_four}
        return _t("This money went back to your card ending %(last_four)s on %(day)s.") % told
    known = payment.claims.select_related("case").order_by("-received_at").first()
    if known is not None and not given_back.to_claim(payment):
        told = {"reference": known.case.reference}
        if known.live:
            return _t("We look into this payment already: %(reference)s.") % told
        return _t("We decided about this payment: %(reference)s. If you do not agree, complain about it.") % told
    if sum(one.live for one in payment.claims.all()) >= MOST_OPEN:
        return _t("We look into several claims about this payment already. Call us to add something to one of them.")
    return ""


class ClaimForm(OpeningForm):
    """Only the payment and what is wrong must be chosen; nobody has to write anything. Without an amount it is about
    all that is left of the payment."""

    intro = _(
        "You need not wait for our decision: a small amount you have at once, and about a larger one you hear within a "
        "business day. Then we look into the payment. On the next page you see each date."
    )
    intro_for_staff = _(
        "A small amount the customer has at once; about a larger one another person decides within a business day. "
        "Read the dates on the next page to them."
    )
    submit = _("Send")

    payment = forms.ChoiceField(
        label=_("Which payment?"), error_messages={"required": _("Choose the payment."), "invalid_choice": ""}
    )
    why = forms.ChoiceField(
        label=_("What is wrong with it?"),
        choices=Why.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is wrong. If nothing fits, choose the last one.")},
    )
    amount = forms.CharField(
        label=_("How much of it, if not all?"),
        help_text=_("Leave it empty to dispute all of it."),
        max_length=LONGEST_AMOUNT,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    text = forms.CharField(
        label=_("Anything that helps us to look into it"),
        help_text=_("You need not write anything. Write no card numbers."),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    about: VoicePayment | None = None

    def __init__(self, data: Mapping[str, Any] | None = None, *, customer: Customer, by: Actor, **kwargs: Any) -> None:
        super().__init__(data, customer=customer, by=by, **kwargs)
        field = self.fields["payment"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _t("Choose")), *_choices(customer, now=timezone.now())]
        field.error_messages["invalid_choice"] = _t("Choose one of these payments.")
        if by.kind is ActorKind.STAFF:
            self.intro = self.intro_for_staff
            self.fields["text"].label = _t("What the customer says, if it helps to look into it")
            self.fields["text"].help_text = _t("Write no card numbers.")

    def clean_payment(self) -> str:
        reference = str(self.cleaned_data["payment"])
        payment = VoicePayment.objects.get(case__reference=reference, case__customer=self.customer)
        if refusal := why_not_claim(payment, now=timezone.now()):
            raise forms.ValidationError(refusal)
        self.about = payment
        return reference

    def clean(self) -> dict[str, Any]:
        """Reads the amount in the currency of the payment. The same content is kept whatever way it was written."""
        cleaned: dict[str, Any] = super().clean() or {}
        typed, minor = cleaned.pop("amount", ""), None
        if typed and self.about is not None:
            try:
                minor = MoneyField().read(typed, self.about.currency).minor
                check_part(self.about, Money(minor, self.about.currency))
            except forms.ValidationError as wrong:
                self.add_error("amount", wrong)
            except Conflict as refused:
                self.add_error("amount", refused.sentence)
        return {**cleaned, "minor": minor}


def check_part(payment: VoicePayment, part: Money) -> None:
    """Raises `Conflict` on `amount` for more than is left to be claimed of the payment."""
    left = given_back.to_claim(payment)
    if part > left:
        words = _t("Enter at most %(left)s: that is what is left of this payment.") % {"left": left.shown()}
        raise Conflict("too_much", words, field="amount")


def _choices(customer: Customer, *, now: datetime) -> Sequence[tuple[str, str]]:
    return [(one.case.reference, in_words(one)) for one in paid_by(customer, now=now)[:MOST_OFFERED]]


def in_words(payment: VoicePayment) -> str:
    """ "25.00 EUR to Bloemen Fleur, 30 November 2026": as its customer knows it."""
    at = payment.captured_at or payment.ordered_at
    told = {
        "amount": payment.sum.shown(),
        "merchant": payment.merchant.trading_name,
        "day": date_format(timezone.localtime(at), "j F Y"),
    }
    return _t("%(amount)s to %(merchant)s, %(day)s") % told


def why(content: Mapping[str, Any]) -> str:
    return str(content["why"])


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> ClaimOpening:
    """Runs in the opening's transaction, under the lock of the customer: n claims at once get no more by themselves
    than one after the other. Raises `Conflict` on `payment` where it cannot be disputed, also for one of somebody else,
    and on `amount` where less is left of it.
    """
    reference = tidy_reference(str(content["payment"])) or ""
    found = VoicePayment.objects.select_related("case", "merchant").filter(
        case__reference=reference, case__customer=case.customer
    )
    # First the payment, then its customer: whoever posts a refund holds the payment when they open a case of theirs.
    payment = found.select_for_update(of=("self",)).first()
    customer = Customer.objects.select_for_update().get(pk=case.customer_id)
    if payment is None:
        raise Conflict("unknown_payment", _t("This customer has no such payment."), field="payment")
    if refusal := why_not_claim(payment, now=now):
        raise Conflict("not_now", refusal, field="payment")
    dispute, amount = str(content.get("dispute", "")), _amount(payment, content)
    dates = dates_of(customer, received_at=now)
    came = _came(content, by)
    claim = PaymentClaim.objects.create(
        case=case,
        payment=payment,
        customer=customer,
        why=content["why"],
        text=content.get("text") or "",
        came=came,
        amount=amount.minor,
        currency=amount.currency,
        needs=_needs(payment, amount, came, now),
        received_at=now,
        credit_by=dates.credit_by,
        decide_by=dates.decide_by,
        latest_by=dates.latest_by,
        dispute=dispute,
        dispute_state=content.get("dispute_state", ""),
    )
    asking.ask(claim, now=now)
    case.subject = payment.merchant.trading_name
    timeline.note(case, "claim.received", by=by, data={"came": came.value, "needs": claim.needs or "no"}, at=now)
    return ClaimOpening(
        credit=Credit.BY_THE_BANK if dispute else Credit.BY_A_PERSON if claim.needs else Credit.BY_ITSELF,
        credit_by=dates.credit_by,
        decide_by=dates.decide_by,
        latest_by=dates.latest_by,
        notice=int(notice_of_a_reversal().total_seconds()),
    )


def _came(content: Mapping[str, Any], by: Actor) -> Came:
    if content.get("dispute"):
        return Came.BANK
    if content.get("detected"):
        return Came.DETECTED
    return Came.DESK if by.kind is ActorKind.STAFF else Came.PORTAL


def _needs(payment: VoicePayment, amount: Money, came: Came, now: datetime) -> NeedsPerson:
    if came is Came.BANK:
        return NeedsPerson.NO
    if came is Came.DETECTED:
        return NeedsPerson.DETECTED
    return caps.needs_person(payment=payment, customer=payment.case.customer, amount=amount, now=now)


def _amount(payment: VoicePayment, content: Mapping[str, Any]) -> Money:
    """What is claimed, under the lock of the payment: the part that was named, or all that is left. A bank may dispute
    more than is left. Raises `Conflict` on `amount` where others were first."""
    left, named = given_back.to_claim(payment), content.get("minor")
    if named is None:
        return left
    part = Money(int(named), payment.currency)
    if content.get("dispute"):
        return min(part, left)
    check_part(payment, part)
    return part


def settle(case: Case) -> None:
    """When the case is closed: it is no open claim any more, and the merchant knows what became of it."""
    PaymentClaim.objects.filter(case=case).update(live=False)
    claim = PaymentClaim.objects.filter(case=case).first()
    if claim is not None:
        asking.tell_decision(claim, _how(claim), now=case.closed_at or timezone.now())


def _how(claim: PaymentClaim) -> How:
    if claim.went_back_at or claim.paid_to == PaidTo.ELSEWHERE.value:
        return How.WENT_BACK
    return How(claim.verdict) if claim.verdict else How.WITHDRAWN
