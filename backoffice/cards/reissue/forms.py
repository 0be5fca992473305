"""The forms of the work items of a card reissue, and what their answers do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cards import expiry
from backoffice.cards.models import Card, CardReissue, CardState
from backoffice.cards.reissue import ordering, posted_codes
from backoffice.cases.forms import Accepted, Answer, ItemForm, OutcomeForm
from backoffice.cases.signals import signal
from backoffice.customers import contact_points
from backoffice.customers.models import ContactKind
from backoffice.refusals import Conflict, Invalid
from backoffice.trust.limits import Limit, allowed
from workflows.base.spec import N_
from workflows.card_reissue.facts import OfPosting
from workflows.card_reissue.spec import CARD_IN_HAND

NOT_CHECKED = N_(
    "No card can be posted yet: nobody has checked the parts of the address. Do it on the customer's page, under "
    "“New address”."
)


class ProveForm(ItemForm):
    """A form without fields: the proof itself is the answer."""

    intro = _("We ask for your code or passkey, so that nobody else can answer for you.")
    submit = _("Yes, it is me")


def identity_proven(answer: Answer) -> Accepted:
    return Accepted("proven")


class CallAboutSecretForm(OutcomeForm):
    intro = _(
        "Say who you are, and give the reference of the case first. Ask who it was, when, how they reached the "
        "customer, and what they may know now; never ask for the code, the PIN or the password itself. Let the "
        "customer change a password while you speak. Then look at their other cases, and pause what looks wrong."
    )
    reason = forms.CharField(
        label=_("What came of it"),
        help_text=_("Whoever decides about the new card reads it. It is not shown in the timeline."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


def called_about_secret(answer: Answer) -> Accepted:
    """The words are kept with the answer, sealed, for the person who approves."""
    return Accepted(answer.cleaned["outcome"])


class CorrectAddressForm(OutcomeForm):
    intro = _(
        "Correct the address on the customer's page first; if it changes, the case is checked more. If only its parts "
        "were guessed, look at them there and confirm them. Only a supervisor can do that: ask one for it, then answer "
        "here."
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("outcome") == "corrected":
            self._check_correction()
        return cleaned

    def _check_correction(self) -> None:
        customer = self.item.case.customer
        point = contact_points.current(customer=customer, kind=ContactKind.POSTAL)
        looked_at = max(filter(None, (point.since, point.parts_checked_at))) if point else None
        if looked_at is None or looked_at < self.item.opened_at:
            self.add_error("outcome", _t("The address on file has not changed since this was asked."))
        elif not ordering.can_ship(customer):
            self.add_error("outcome", _t(NOT_CHECKED))


class ApproveForm(OutcomeForm):
    """Approving orders the card, which cannot be taken back: so it must be possible to post it."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("outcome") == "approved" and not ordering.can_ship(self.item.case.customer):
            self.add_error("outcome", _t(NOT_CHECKED))
        return cleaned


class IdentifyForm(OutcomeForm):
    """A person compares the portrait and the document. Only the last characters of the document's number are kept."""

    document = forms.ChoiceField(
        label=_("Document"),
        required=False,
        choices=[
            ("", "–"),
            ("passport", _("passport")),
            ("id_card", _("identity card")),
            ("licence", _("driving licence")),
        ],
    )
    document_last = forms.RegexField(
        label=_("Last four characters of its number"), required=False, regex=r"^[0-9A-Za-z]{4}$", max_length=4
    )
    field_order = ["outcome", "document", "document_last", "reason"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("outcome") == "matched":
            for name in ("document", "document_last"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _t("Say which document you saw."))
        return cleaned


class PostedCodeForm(ItemForm):
    code = forms.CharField(
        label=_("The code in our letter"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text"}),
    )


def posted_code_entered(answer: Answer) -> Accepted:
    posted_codes.enter(answer.case, typed=answer.cleaned["code"], now=answer.now)
    return Accepted("matched", keep={})


class ActivateForm(ItemForm):
    """What only the new card shows: its last digits, or where it has the number of the old one, its date."""

    intro = _("Do this only with the card in your hand. We never ask for these digits on a call that we made.")
    submit = _("Activate my card")
    last_four = forms.RegexField(
        label=_("The last four digits on your new card"),
        regex=r"^\d{4}$",
        max_length=4,
        error_messages={"invalid": _("Write the four digits, nothing else.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    expiry = forms.CharField(
        label=_("The date on your new card"),
        help_text=_(
            "Month and year as they stand there, such as 09/31. Your new card has the number of the old one, so we ask "
            "for the date."
        ),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number_stays = _number_stays(ordering.reissue_of(self.item.case))
        del self.fields["last_four" if number_stays else "expiry"]

    def clean_expiry(self) -> str:
        read = expiry.read(self.cleaned_data["expiry"])
        if not read:
            raise forms.ValidationError(_t("Write the month and the year as they stand on the card, such as 09/31."))
        return read


def _number_stays(reissue: CardReissue) -> bool:
    """Whether the last four digits are on both cards, so that they do not prove who holds the new one."""
    return reissue.new_card is not None and reissue.new_card.last_four == reissue.card.last_four


class LetterCameForm(ItemForm):
    came = forms.ChoiceField(
        label=_("Do you have your new card?"),
        choices=[("yes", _("Yes, it has come")), ("no", _("No, it has not come"))],
        help_text=_("If you say no, we cancel that card, so that nobody can use it, and send you another one."),
        widget=forms.RadioSelect,
    )


def letter_came(answer: Answer) -> Accepted:
    return Accepted("came" if answer.cleaned["came"] == "yes" else "not_come")


DIGITS_TRIED = Limit("activation_digits", times=5, per=timedelta(hours=1))
"""Four digits or a date are soon guessed, so only so many tries are allowed in one case in an hour."""


def _card_in_hand(reissue: CardReissue, told: dict[str, Any]) -> Card:
    """The new card. Raises `Invalid` where something else was told than it shows."""
    new = reissue.new_card
    if new is None or not _number_stays(reissue):
        if new is None or new.last_four != told["last_four"]:
            raise Invalid({"last_four": [_t("These are not the last four digits of the card that we sent you.")]})
    elif told["expiry"] != expiry.printed(new):
        is_old = told["expiry"] == expiry.printed(reissue.card)
        old = _t("This is the date on your old card. Write the one on the card that we sent you.")
        raise Invalid({"expiry": [old if is_old else _t("This is not the date on the card that we sent you.")]})
    return new


def card_activated(answer: Answer) -> Accepted:
    """Raises `Invalid` where this is not what the new card shows, `Conflict` after too many tries and for a card that
    was blocked meanwhile, `CannotCount` while the tries cannot be counted."""
    if not allowed(DIGITS_TRIED, str(answer.case.id), now=answer.now):
        raise Conflict("too_many_tries", _t("Too many tries. Wait an hour, or call us."))
    new = _card_in_hand(ordering.reissue_of(answer.case), answer.cleaned)
    if new.state in (CardState.BLOCKED, CardState.CLOSED):
        raise Conflict("card_blocked", _t("This card was blocked meanwhile, so it cannot be activated. Call us."))
    return Accepted("activated", keep={})


def card_activated_early(answer: Answer) -> Accepted:
    """The same before the post has said that the letter was delivered. The process goes on at once."""
    accepted = card_activated(answer)
    signal(answer.case, CARD_IN_HAND, OfPosting(posting=ordering.reissue_of(answer.case).postings))
    return accepted
