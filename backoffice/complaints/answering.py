"""Answering a complaint: the decision with its reasons, what the customer gets, the holding letter, and what the
customer says to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases.forms import Accepted, Answer, ItemForm, OutcomeForm
from backoffice.cases.models import WorkItem
from backoffice.complaints.clock import end_of
from backoffice.complaints.models import ClockRule, Complaint, Currency, Decision, Redress, RedressKind
from backoffice.complaints.ombudsmen import ombudsman_of
from backoffice.money import Money
from backoffice.needed_fields import needed
from backoffice.staff.models import User
from backoffice.trust.quiet_hours import zone
from workflows.complaint.facts import Answered, Found, Given, Reacted

LONGEST, SHORTEST = 4000, 20
"""In characters, of what we write to the customer."""
APPROVED_ABOVE = 5000
"""In minor units of any currency: above it a second person approves what is paid. Every free service is, too."""
MOST_MONEY = Decimal(1_000_000)
_EXPLAINED = frozenset({RedressKind.CORRECTION, RedressKind.FREE_SERVICE})


class DecideForm(ItemForm):
    """A decision with its reasons, in words for the customer, and what they get."""

    intro = _(
        "The customer reads your reasons word for word. Say what you found, what follows from it, and what you do."
        " We add to whom outside they can go. Offer nothing for sale."
    )
    submit = _("Send the answer")

    outcome = forms.ChoiceField(
        label=_("Your decision"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a decision.")},
    )
    reasons = forms.CharField(
        label=_("Your reasons, to the customer"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("Write the reasons: the customer has a right to them.")},
    )
    amount = forms.DecimalField(
        label=_("Money that the customer gets"),
        required=False,
        decimal_places=2,
        max_digits=9,
        min_value=Decimal("0.01"),
        max_value=MOST_MONEY,
        help_text=_("More than 50.00, and every free service, is approved by a second person first."),
    )
    currency = forms.ChoiceField(label=_("Currency"), required=False, choices=Currency.choices, initial=Currency.EUR)
    apology = forms.BooleanField(label=_("They get an apology in writing"), required=False)
    correction = forms.BooleanField(label=_("We put right what is wrong"), required=False)
    free_service = forms.BooleanField(label=_("They get a service without its fee"), required=False)
    what = forms.CharField(
        label=_("What exactly, for the customer to read"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.complaint = Complaint.of(self.item.case)
        choice = self.fields["outcome"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(one.value, _t(one.words)) for one in self.kind.decisions if self._can(one.value)]
        if (sent_back := last_decision(self.complaint)) is not None and sent_back.told_at is None:
            self.fields["reasons"].initial = sent_back.reasons

    def _can(self, outcome: str) -> bool:
        return outcome != Answered.HOLD

    def clean_reasons(self) -> str:
        reasons = str(self.cleaned_data["reasons"])
        if len(reasons) < SHORTEST:
            raise forms.ValidationError(_t("That is too short to be a reason. Write at least one whole sentence."))
        return reasons

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("what") and _EXPLAINED.intersection(kinds_in(cleaned)):
            self.add_error("what", _t("Write what exactly the customer gets."))
        if cleaned.get("what") and not kinds_in(cleaned) and not self.errors:
            self.add_error("what", _t("Say above what the customer gets, or leave this empty."))
        return cleaned


def kinds_in(given: Mapping[str, Any]) -> Sequence[RedressKind]:
    """What the answer gives: money where there is an amount, and what was ticked."""
    return [one for one in RedressKind if given.get("amount" if one is RedressKind.MONEY else one.value)]


class AnswerForm(DecideForm):
    """The same for its owner, who may write a holding letter once, where the clock is that of payments."""

    hold_until = needed(
        forms.DateField(
            label=_("By which day does the answer come?"),
            required=False,
            help_text=_("Only with a holding letter. Your reasons then say why it takes longer."),
            widget=forms.DateInput(attrs={"type": "date"}),
        )
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self._can(Answered.HOLD):
            del self.fields["hold_until"]

    def _can(self, outcome: str) -> bool:
        can_hold = self.complaint.rule == ClockRule.PAYMENTS and self.complaint.held_at is None
        return outcome != Answered.HOLD or can_hold

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        day: date | None = cleaned.get("hold_until")
        if cleaned.get("outcome") != Answered.HOLD:
            if day is not None:
                self.add_error(
                    "outcome", _t("A day belongs to a holding letter only. Choose it, or leave the day empty.")
                )
            return cleaned
        for kind in kinds_in(cleaned):
            name = "amount" if kind is RedressKind.MONEY else kind.value
            self.add_error(name, _t("A holding letter promises nothing. Leave this empty until you answer."))
        if fault := self._why_not_until(day):
            self.add_error("hold_until", fault)
        return cleaned

    def _why_not_until(self, day: date | None) -> str:
        if "hold_until" in self.errors:
            return ""
        where = zone(self.complaint.customer.time_zone)
        first, last = (at.astimezone(where).date() for at in (self.complaint.final_by, self.complaint.hard_stop))
        if day is None:
            return _t("Write the day by which the customer has the answer.")
        if not first < day <= last:
            words = _t("Write a day after %(first)s and not after %(last)s: no letter moves the answer beyond it.")
            return words % {"first": date_format(first, "j F Y"), "last": date_format(last, "j F Y")}
        return ""


def decided(answer: Answer) -> Accepted:
    """Writes the decision and what it gives; or the holding letter."""
    given, complaint = answer.cleaned, Complaint.of(answer.case)
    if given["outcome"] == Answered.HOLD:
        return _held(answer, complaint)
    decision = Decision.objects.create(
        complaint=complaint,
        verdict=given["outcome"],
        reasons=given["reasons"],
        again=complaint.reopened_at is not None,
        by=User.objects.get(public_id=answer.by.id),
        at=answer.now,
    )
    found = [_redress(decision, kind, given) for kind in kinds_in(given)]
    Redress.objects.bulk_create(found)
    facts = Found(redress=bool(found), above_limit=any(map(is_above_limit, found)))
    return Accepted(given["outcome"], facts=facts, keep={"outcome": given["outcome"]})


def _held(answer: Answer, complaint: Complaint) -> Accepted:
    until = min(end_of(answer.cleaned["hold_until"], complaint.customer), complaint.hard_stop)
    complaint.held_at, complaint.held_because, complaint.answer_by = answer.now, answer.cleaned["reasons"], until
    complaint.save(update_fields=["held_at", "held_because", "answer_by"])
    return Accepted(Answered.HOLD, facts=Found(until=until), keep={"outcome": Answered.HOLD.value})


def _redress(decision: Decision, kind: RedressKind, given: Mapping[str, Any]) -> Redress:
    """What exactly it is stands with what must be explained; with money or an apology only where nothing else is."""
    explained = _EXPLAINED.intersection(kinds_in(given))
    words = given["what"] if kind in explained or not explained else ""
    if kind == RedressKind.MONEY:
        money = Money.of(given["amount"], given["currency"])
        return Redress(decision=decision, kind=kind, words=words, amount_minor=money.minor, currency=money.currency)
    return Redress(decision=decision, kind=kind, words=words)


def is_above_limit(redress: Redress) -> bool:
    """Whether a second person approves it first."""
    return redress.kind == RedressKind.FREE_SERVICE or (redress.amount_minor or 0) > APPROVED_ABOVE


def last_decision(complaint: Complaint) -> Decision | None:
    """What was decided last, whether or not the customer knows it yet."""
    return complaint.decisions.order_by("-at", "-id").first()


def told_decisions(complaint: Complaint) -> Sequence[Decision]:
    """The answers that the customer has, the first one first."""
    return list(complaint.decisions.exclude(told_at=None).prefetch_related("redress"))


class GivenForm(ItemForm):
    """A press, for what was done: it says what is to be done."""

    intro = _("Press this once the customer has it. They are told, and can see when it was.")
    submit = _("The customer has it")


def decision_of(item: WorkItem) -> Decision | None:
    """The answer whose redress this item is about: what was promised last when it was opened. The second answer of a
    complaint may promise something while what the first one promised is not given yet."""
    promised = Decision.objects.filter(complaint_id=item.case_id, redress__promised_at__lte=item.opened_at)
    return promised.order_by("-redress__promised_at", "-pk").first()


def given(answer: Answer) -> Accepted:
    """Notes that what this item is about was given."""
    owed = Redress.objects.filter(decision=decision_of(answer.item), given_at=None, promised_at__isnull=False)
    owed.update(given_at=answer.now, given_by=User.objects.get(public_id=answer.by.id))
    return Accepted(Given.GIVEN, keep={})


def is_owed(complaint: Complaint) -> bool:
    """Whether something was promised that the customer does not have yet."""
    return Redress.objects.filter(decision__complaint=complaint, promised_at__isnull=False, given_at=None).exists()


class ReactForm(ItemForm):
    """The customer's word on our answer. Another look has a reason, so that it looks at something."""

    submit = _("Send")

    decision = forms.ChoiceField(
        label=_("Is our answer enough for you?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of these.")},
    )
    because = needed(
        forms.CharField(
            label=_("What did we not understand, or leave out?"),
            help_text=_("Only if somebody else should look at it once more."),
            max_length=2000,
            required=False,
            widget=forms.Textarea(attrs={"rows": 4}),
        )
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        body = ombudsman_of(self.item.case.customer)
        self.intro = _t("If it is not enough, somebody else looks at it once more.")
        words = {
            Reacted.ACCEPTED.value: _t("Yes. The matter is closed for me."),
            Reacted.REOPENED.value: _t("No. Somebody else shall look at it once more."),
            Reacted.ESCALATED.value: _t("No. I go to the ombudsman."),
        }
        offered = {one.value for one in self.kind.decisions}
        choice = self.fields["decision"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(value, label) for value, label in words.items() if value in offered]
        if Reacted.REOPENED.value not in offered:
            del self.fields["because"]
            self.intro = _t("We looked at it twice.")
        outside = _t("You can go to somebody outside at once: %(name)s, at %(site)s. They do not belong to us.")
        self.intro = f"{self.intro} {outside % {'name': body.name, 'site': body.site}}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("decision") == Reacted.REOPENED and not cleaned.get("because") and "because" not in self.errors:
            self.add_error("because", _t("Write in a few words what we did not understand or left out."))
        return cleaned


class NotedForm(ReactForm):
    """The same, written down by one of us: of a customer who answers by letter or on the telephone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.intro = _t("Only once the customer has said so, by letter or on the telephone. Until then it may wait.")
        self.fields["decision"].label = _t("What did the customer say?")
        if "because" in self.fields:
            self.fields["because"].label = _t("What did we not understand or leave out, in the customer's words?")


def reacted(answer: Answer) -> Accepted:
    """The customer's decision; why it is looked at again is kept beside what was complained of."""
    decision = str(answer.cleaned["decision"])
    if decision == Reacted.REOPENED:
        complaint = Complaint.of(answer.case)
        complaint.reopened_because = answer.cleaned["because"]
        complaint.save(update_fields=["reopened_because"])
    return Accepted(decision)


class PreparedForm(OutcomeForm):
    """The file for the ombudsman is the full evidence of the last answer."""

    intro = _(
        "Download the full evidence on the page of the case, and add the letters that came on paper. The ombudsman asks"
        " for it; the customer has their own edition already."
    )


def mark_told(complaint: Complaint, *, now: datetime) -> None:
    """From now on the customer sees the last decision."""
    decision = last_decision(complaint)
    if decision is not None and decision.told_at is None:
        decision.told_at = now
        decision.save(update_fields=["told_at"])
        complaint.answered_at = now
        complaint.save(update_fields=["answered_at"])
