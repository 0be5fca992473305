"""The forms of the work items of a card reissue, and what their answers do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cards.models import Reason
from backoffice.cards.reissue import ordering, posted_codes
from backoffice.cases.forms import Accepted, Answer, ItemForm, OutcomeForm
from backoffice.customers import contact_points
from backoffice.customers.models import ContactKind
from backoffice.refusals import Conflict, Invalid
from backoffice.trust.limits import Limit, allowed

YES_NO = [("yes", _("Yes")), ("no", _("No"))]


class ProveForm(ItemForm):
    """A form without fields: the proof itself is the answer."""

    intro = _("We ask for your code or passkey, so that nobody else can answer for you.")
    submit = _("Yes, it is me")


def identity_proven(answer: Answer) -> Accepted:
    return Accepted("proven")


class SurveyForm(ItemForm):
    """The survey: which payments were yours, where was the card, who contacted you, is your address right.

    The questions about each payment are made from the case; a damaged or expiring card has none of them.
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
    told_us = forms.CharField(
        label=_("What happened, in your own words"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    address_right = forms.ChoiceField(label="", choices=YES_NO, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reissue = ordering.reissue_of(self.item.case)
        self.payments: list[dict[str, str]] = reissue.payments or []
        self.is_suspicious = reissue.reason in (Reason.LOST, Reason.STOLEN, Reason.FRAUD)
        names = []
        for number, payment in enumerate(self.payments, start=1):
            name = f"payment_{number}"
            names.append(name)
            self.fields[name] = forms.ChoiceField(
                label=_t("%(amount)s %(currency)s at %(merchant)s: was it you?") % payment,
                choices=[("yes", _("Yes, it was me")), ("no", _("No, it was not me")), ("unsure", _("I am not sure"))],
                widget=forms.RadioSelect,
            )
        if not self.is_suspicious:
            for name in ("card_where", "contacted", "asked_for_secrets", "told_us"):
                del self.fields[name]
        self._name_address()
        self.pages = tuple(page for page in self._all_pages(names) if page[1])  # type: ignore[misc]
        self.order_fields([name for _title, page in self.pages for name in page])

    def _name_address(self) -> None:
        point = contact_points.current(customer=self.item.case.customer, kind=ContactKind.POSTAL)
        field = self.fields["address_right"]
        field.label = _t("We send the new card to your address in %(place)s. Is that right?") % {
            "place": point.masked.lstrip("•, ") if point else "–"
        }
        field.help_text = _t(
            "If you have moved, say no: we call you to correct it. For your safety it is not shown in full."
        )

    def _all_pages(self, payments: list[str]) -> list[tuple[str, tuple[str, ...]]]:
        return [
            (_t("Your payments"), tuple(payments)),
            (_t("Your card"), tuple(name for name in ("card_where",) if name in self.fields)),
            (
                _t("Who contacted you"),
                tuple(name for name in ("contacted", "asked_for_secrets", "told_us") if name in self.fields),
            ),
            (_t("Your address"), ("address_right",)),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("contacted") == "nobody" and cleaned.get("asked_for_secrets") == "yes":
            self.add_error(
                "contacted",
                _t("You say that nobody contacted you, and that somebody asked you for a secret. Which is it?"),
            )
        return cleaned


def survey_answered(answer: Answer) -> Accepted:
    not_his = sum(1 for name, value in answer.cleaned.items() if name.startswith("payment_") and value == "no")
    outcome = "address_wrong" if answer.cleaned.get("address_right") == "no" else "answered"
    return Accepted(outcome, data={"not_his": str(not_his)})


class CorrectAddressForm(OutcomeForm):
    intro = _("Correct the address on the customer's page first; it counts as changed, so the case is checked more.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("outcome") == "corrected":
            point = contact_points.current(customer=self.item.case.customer, kind=ContactKind.POSTAL)
            if point is None or point.since < self.item.opened_at:
                self.add_error("outcome", _t("The address on file has not changed since this was asked."))
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


DIGITS_TRIED = Limit("activation_digits", times=5, per=timedelta(hours=1))
"""Four digits are soon guessed, so only so many tries are allowed for one card in an hour."""


def card_activated(answer: Answer) -> Accepted:
    """Raises `Invalid` where these are not the new card's last four digits, `Conflict` after too many tries,
    `CannotCount` while they cannot be counted."""
    if not allowed(DIGITS_TRIED, str(answer.item.id), now=answer.now):
        raise Conflict("too_many_tries", _t("Too many tries. Wait an hour, or call us."))
    new = ordering.reissue_of(answer.case).new_card
    if new is None or new.last_four != answer.cleaned["last_four"]:
        raise Invalid({"last_four": [_t("These are not the last four digits of the card that we sent you.")]})
    return Accepted("activated", keep={})
