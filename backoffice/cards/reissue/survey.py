"""The survey of a card reissue, and what its answers do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice import no_card_numbers
from backoffice.actors import ActorKind
from backoffice.cards.models import CardReissue, Reason
from backoffice.cards.reissue import answers, ordering, told_secrets, words
from backoffice.cases.forms import Accepted, Advice, Answer, ItemForm
from backoffice.customers import contact_points, postal_form
from backoffice.customers.models import ContactKind
from backoffice.needed_fields import needed
from workflows.card_reissue.facts import Answers

RIGHT = "right_"
"""Before the names of the parts of the address that the customer says is right."""


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
        help_text=_(
            "On the telephone, in a message or at your door we never ask for these. It is not your fault if you gave "
            "one: tell us, so that we can help."
        ),
        choices=[
            ("no", _("No")),
            ("refused", _("Yes, but I told nothing")),
            (answers.TOLD, _("Yes, and I told or typed something")),
        ],
        widget=forms.RadioSelect,
    )
    told_what = needed(
        forms.MultipleChoiceField(
            label=_("What did you tell, or type for them?"),
            help_text=_("Choose all that fit. Do not write the code, the PIN or the password itself anywhere."),
            choices=told_secrets.CHOICES,
            widget=forms.CheckboxSelectMultiple,
        )
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
    address_right = forms.ChoiceField(label="", choices=[("yes", _("Yes")), ("no", _("No"))], widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = self.given
        self.has_moved = given.get("address_right") == "no"
        self.has_told = answers.told_secret(given)
        self.fields["told_what"].required = self.has_told
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
            for name in ("not_mine", "card_where", "contacted", "asked_for_secrets", "told_what", "told_us"):
                del self.fields[name]
        else:
            self._ask_which(reissue)
        self._name_address()
        self.pages = tuple(page for page in self._all_pages(names) if page[1])  # type: ignore[misc]
        self.order_fields([name for _title, page in self.pages for name in page])

    @property
    def advice(self) -> Advice | None:
        return told_secrets.advice(self.item.case, self.given)

    def kept_in_words(self, name: str, kept: Any) -> str:
        """Answers from before the question had three answers."""
        return _t("Yes") if (name, kept) == ("asked_for_secrets", "yes") else ""

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
            (_t("What you told them"), ("told_what",) if self.has_told else ()),
            (_t("Your address"), ("address_right",)),
            (_t("Your new address"), self._parts_in_order() if self.has_moved else ()),
        ]

    def _parts_in_order(self) -> tuple[str, ...]:
        return tuple(name for name in self.fields if name.startswith(RIGHT))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self._read_address(cleaned)
        if not self.has_told:
            self.errors.pop("told_what", None)
            cleaned.pop("told_what", None)
        if cleaned.get("contacted") == "nobody" and cleaned.get("asked_for_secrets") in ("refused", answers.TOLD):
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
    told = told_secrets.told(answer.cleaned)
    return Accepted(outcome, facts=Answers(told=told_secrets.weight(told)), data={"not_his": str(not_his)})
