"""The forms of the work items of a card reissue, and what their answers do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import ActorKind
from backoffice.cards.models import CardReissue, CardState, Reason
from backoffice.cards.reissue import ordering, posted_codes, words
from backoffice.cases import no_card_numbers
from backoffice.cases.forms import Accepted, Answer, ItemForm, OutcomeForm
from backoffice.cases.signals import signal
from backoffice.customers import contact_points, postal_form
from backoffice.customers.models import ContactKind
from backoffice.refusals import Conflict, Invalid
from backoffice.trust.limits import Limit, allowed
from workflows.base.spec import N_
from workflows.card_reissue.facts import OfPosting
from workflows.card_reissue.spec import CARD_IN_HAND

RIGHT = "right_"
"""Before the names of the parts of the address that the customer says is right."""
NOT_CHECKED = N_(
    "No card can be posted yet: nobody has checked the parts of the address. Do it on the customer's page, under "
    "“New address”."
)
YES_NO = [("yes", _("Yes")), ("no", _("No"))]


class ProveForm(ItemForm):
    """A form without fields: the proof itself is the answer."""

    intro = _("We ask for your code or passkey, so that nobody else can answer for you.")
    submit = _("Yes, it is me")


def identity_proven(answer: Answer) -> Accepted:
    return Accepted("proven")


class SurveyForm(ItemForm):
    """The survey: which payments were yours, where was the card, who contacted you, is your address right.

    The questions about each payment are made from the case; a damaged or expiring card has none of them. The new
    address is asked only if the one on file is not right.
    """

    submit = _("Send my answers")

    card_where = forms.ChoiceField(
        label=_("Where is your card now?"),
        choices=[
            ("with_me", _("I have it here")),
            ("lost", _("I have lost it")),
            ("stolen", _("It was stolen")),
            ("unknown", _("I do not know")),
        ],
        widget=forms.RadioSelect,
    )
    contacted = forms.ChoiceField(
        label=_("Apart from this case, has anybody contacted you about this card?"),
        choices=[
            ("nobody", _("Nobody")),
            ("call", _("Somebody called me")),
            ("message", _("I got a mail or a text message")),
            ("visit", _("Somebody came to my door")),
        ],
        widget=forms.RadioSelect,
    )
    asked_for_secrets = forms.ChoiceField(
        label=_("Did anybody ask you for a code, a PIN or a password?"),
        help_text=_("We never ask for these. It is not your fault if you gave one: tell us, so that we can help."),
        choices=YES_NO,
        widget=forms.RadioSelect,
    )
    not_mine = forms.CharField(
        label=_("Which payments were not yours?"),
        help_text=_("The amount, the shop and the day of each, as far as you know them."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    told_us = forms.CharField(
        label=_("What happened, in your own words"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    address_right = forms.ChoiceField(label="", choices=YES_NO, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_moved = (self.data if self.is_bound else self.item.draft or {}).get("address_right") == "no"
        self.fields |= postal_form.fields(RIGHT)
        postal_form.draw(self, prefix=RIGHT, country=self.item.case.customer.country, optional=not self.has_moved)
        no_card_numbers.guard(self)
        reissue = ordering.reissue_of(self.item.case)
        self.payments: list[dict[str, str]] = reissue.payments or []
        self.is_suspicious = reissue.reason in (Reason.LOST, Reason.STOLEN, Reason.FRAUD)
        names = []
        for number, payment in enumerate(self.payments, start=1):
            name = f"payment_{number}"
            names.append(name)
            self.fields[name] = forms.ChoiceField(
                label=_t("%(payment)s: was it you?") % {"payment": words.of_payment(payment)},
                choices=[("yes", _("Yes, it was me")), ("no", _("No, it was not me")), ("unsure", _("I am not sure"))],
                widget=forms.RadioSelect,
            )
        if not self.is_suspicious:
            for name in ("not_mine", "card_where", "contacted", "asked_for_secrets", "told_us"):
                del self.fields[name]
        else:
            self._ask_which(reissue)
        self._name_address()
        self.pages = tuple(page for page in self._all_pages(names) if page[1])  # type: ignore[misc]
        self.order_fields([name for _title, page in self.pages for name in page])

    def _ask_which(self, reissue: CardReissue) -> None:
        """Who reported payments says which; of a card in other hands there may be some."""
        field = self.fields["not_mine"]
        by_a_person = reissue.opened_by in (ActorKind.CUSTOMER, ActorKind.STAFF)
        field.required = reissue.reason == Reason.FRAUD and by_a_person and not self.payments
        if self.payments:
            field.label = _t("Are there other payments that were not yours?")
        elif reissue.reason != Reason.FRAUD:
            field.label = _t("Did anybody pay with the card? Say which payments were not yours.")

    def _name_address(self) -> None:
        point = contact_points.current(customer=self.item.case.customer, kind=ContactKind.POSTAL)
        field = self.fields["address_right"]
        field.label = _t("We send the new card to your address in %(place)s. Is that right?") % {
            "place": point.masked.lstrip("•, ") if point else "–"
        }
        field.help_text = _t(
            "If you have moved, say no: you then write the new address, and we call you before we change it. For your "
            "safety the one that we have is not shown in full."
        )

    def _all_pages(self, payments: list[str]) -> list[tuple[str, tuple[str, ...]]]:
        return [
            (_t("Your payments"), (*payments, *(name for name in ("not_mine",) if name in self.fields))),
            (_t("Your card"), tuple(name for name in ("card_where",) if name in self.fields)),
            (
                _t("Who contacted you"),
                tuple(name for name in ("contacted", "asked_for_secrets", "told_us") if name in self.fields),
            ),
            (_t("Your address"), ("address_right",)),
            (_t("Your new address"), self._parts_in_order() if self.has_moved else ()),
        ]

    def _parts_in_order(self) -> tuple[str, ...]:
        return tuple(name for name in self.fields if name.startswith(RIGHT))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self._read_address(cleaned)
        if cleaned.get("contacted") == "nobody" and cleaned.get("asked_for_secrets") == "yes":
            self.add_error(
                "contacted",
                _t("You say that nobody contacted you, and that somebody asked you for a secret. Which is it?"),
            )
        return cleaned

    def _read_address(self, cleaned: dict[str, Any]) -> None:
        """The new address is kept with the answers, in its normal form, for the person who corrects it. Nothing of it
        counts when the address on file is right: somebody may have changed their mind."""
        new = postal_form.read(self, prefix=RIGHT) if self.has_moved else None
        kept = new.parts if new else {}
        for name in postal_form.names(RIGHT):
            if not self.has_moved:
                self.errors.pop(name, None)
            if name in cleaned:
                cleaned[name] = kept.get(name.removeprefix(RIGHT), "")


def survey_answered(answer: Answer) -> Accepted:
    """An address to which no card can be posted yet goes the way of a wrong one: somebody looks at it."""
    not_his = sum(1 for name, value in answer.cleaned.items() if name.startswith("payment_") and value == "no")
    is_right = answer.cleaned.get("address_right") == "yes" and ordering.can_ship(answer.case.customer)
    outcome = "answered" if is_right else "address_wrong"
    return Accepted(outcome, data={"not_his": str(not_his)})


class CorrectAddressForm(OutcomeForm):
    intro = _(
        "Correct the address on the customer's page first; if it changes, the case is checked more. If only its parts "
        "were guessed, look at them there and confirm them."
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
    intro = _("Do this only with the card in your hand. We never ask for these digits on a call that we made.")
    submit = _("Activate my card")
    last_four = forms.RegexField(
        label=_("The last four digits on your new card"),
        regex=r"^\d{4}$",
        max_length=4,
        error_messages={"invalid": _("Write the four digits, nothing else.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


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
"""Four digits are soon guessed, so only so many tries are allowed in one case in an hour."""


def card_activated(answer: Answer) -> Accepted:
    """Raises `Invalid` where these are not the new card's last four digits, `Conflict` after too many tries and for a
    card that was blocked meanwhile, `CannotCount` while the tries cannot be counted."""
    if not allowed(DIGITS_TRIED, str(answer.case.id), now=answer.now):
        raise Conflict("too_many_tries", _t("Too many tries. Wait an hour, or call us."))
    new = ordering.reissue_of(answer.case).new_card
    if new is None or new.last_four != answer.cleaned["last_four"]:
        raise Invalid({"last_four": [_t("These are not the last four digits of the card that we sent you.")]})
    if new.state in (CardState.BLOCKED, CardState.CLOSED):
        raise Conflict("card_blocked", _t("This card was blocked meanwhile, so it cannot be activated. Call us."))
    return Accepted("activated", keep={})


def card_activated_early(answer: Answer) -> Accepted:
    """The same before the post has said that the letter was delivered. The process goes on at once."""
    accepted = card_activated(answer)
    signal(answer.case, CARD_IN_HAND, OfPosting(posting=ordering.reissue_of(answer.case).postings))
    return accepted
