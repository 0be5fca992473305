"""The forms of the work items of a home visit, and what their answers do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases.forms import Accepted, Answer, ItemForm, OutcomeForm, whom_called
from backoffice.cases.incidents import called_in
from backoffice.needed_fields import needed
from backoffice.staff.models import User
from backoffice.ui.page_forms import NOT_KEPT
from backoffice.visits import arriving, assigning, calling_off, handshake, results
from backoffice.visits.models import Found
from workflows.home_visit.facts import Visitor

_DIGITS = {"inputmode": "numeric", "autocomplete": "off", NOT_KEPT: True}
_PLACE = {NOT_KEPT: True}


class AssignVisitorForm(ItemForm):
    """A choice of the visitors who may go: certified on the day, free at the time, and with no other part in the
    case."""

    submit = _("Assign")
    visitor = forms.ChoiceField(label=_("Who goes?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["visitor"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            *((str(user.public_id), user.get_full_name()) for user in assigning.candidates(self.item.case)),
            ("nobody", _t("Nobody can: apologise and offer the customer a new time")),
        ]

    def kept_in_words(self, name: str, kept: Any) -> str:
        """The visitor's name, also when they can no longer be chosen."""
        visitor = User.objects.filter(public_id=kept).first() if kept != "nobody" else None
        return visitor.get_full_name() if visitor else ""


def visitor_assigned(answer: Answer) -> Accepted:
    chosen = answer.cleaned["visitor"]
    if chosen == "nobody":
        return Accepted("nobody")
    visitor = assigning.assign_by_hand(answer.case, visitor=chosen, by=answer.by, now=answer.now)
    return Accepted("assigned", facts=Visitor(visitor=str(visitor.public_id)))


class CheckInForm(ItemForm):
    """The device fills in the place if the visitor allows it. They can check in without it."""

    submit = _("I am at the door")
    latitude = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput(_PLACE))
    longitude = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput(_PLACE))


def checked_in(answer: Answer) -> Accepted:
    visit = arriving.check_in(
        answer.case,
        by=answer.by,
        now=answer.now,
        latitude=answer.cleaned.get("latitude"),
        longitude=answer.cleaned.get("longitude"),
    )
    place = "refused" if visit.location_refused else "shared"
    return Accepted("arrived", data={"place": place}, keep={"place": place})


class MeetForm(ItemForm):
    intro = _("Ring. Say your name and that you come from us. Do not go in yet.")
    submit = _("Continue")
    outcome = forms.ChoiceField(
        label=_("Who opened?"),
        choices=[
            ("opened", _("The customer is here: show my half of the code")),
            ("not_home", _("Nobody is at home")),
            ("refused", _("The customer does not want the visit")),
        ],
        widget=forms.RadioSelect,
    )


def customer_met(answer: Answer) -> Accepted:
    outcome = answer.cleaned["outcome"]
    if outcome == "opened":
        handshake.begin(answer.case, by=answer.by, now=answer.now)
    else:
        results.end(answer.case, found=Found(outcome), by=answer.by, now=answer.now)
    return Accepted(outcome)


class CompareHalfForm(ItemForm):
    """Customers type what they see on the visitor's screen, so they need not compare it themselves."""

    intro = _(
        "Ask to see the visitor's screen, or to hear the digits read aloud. Keep the door closed until this page says"
        " that the visitor is ours."
    )
    submit = _("Check")
    half = needed(
        forms.CharField(
            label=_("The six digits on the visitor's screen"),
            required=False,
            max_length=20,
            widget=forms.TextInput(attrs=_DIGITS),
        )
    )
    different = forms.BooleanField(
        label=_("I am shown no digits, or something is wrong"),
        required=False,
        help_text=_("We stop the visit and call you. Do not let anybody in."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("half") and not cleaned.get("different") and "half" not in self.errors:
            self.add_error("half", _t("Type the six digits, or say that something is wrong."))
        return cleaned


def half_compared(answer: Answer) -> Accepted:
    if not answer.cleaned["different"]:
        verdict = handshake.compare(answer.case, typed=answer.cleaned["half"], by=answer.by, now=answer.now)
        if verdict.right:
            return Accepted("same", keep={})
        if verdict.tries_left:
            return Accepted("", keep={}, refused=handshake.refusal_of(verdict))
    calling_off.half_is_different(answer.case, answering=answer.item.step, by=answer.by, now=answer.now)
    return Accepted("different", keep={})


class EnterHalfForm(ItemForm):
    intro = _("Show your screen. Once the customer has checked it, the customer reads six digits to you.")
    submit = _("Continue")
    half = needed(
        forms.CharField(
            label=_("The six digits that the customer reads to you"),
            required=False,
            max_length=20,
            widget=forms.TextInput(attrs=_DIGITS),
        )
    )
    otherwise = forms.ChoiceField(
        label=_("Or"),
        required=False,
        choices=[
            ("", _("I have typed the digits")),
            ("again", _("The ten minutes ran out: show new digits")),
            ("refused", _("The customer does not want to go on")),
        ],
        widget=forms.RadioSelect,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("otherwise") and cleaned.get("half"):
            self.add_error("half", _t("You typed digits and chose something else. Which is it?"))
        elif not cleaned.get("otherwise") and not cleaned.get("half") and "half" not in self.errors:
            self.add_error("half", _t("Type the six digits."))
        return cleaned


def half_entered(answer: Answer) -> Accepted:
    otherwise = answer.cleaned["otherwise"]
    if otherwise == "again":
        handshake.begin(answer.case, by=answer.by, now=answer.now)
        return Accepted("again", keep={})
    if otherwise == "refused":
        results.end(answer.case, found=Found.REFUSED, by=answer.by, now=answer.now)
        return Accepted("refused", keep={})
    verdict = handshake.enter(answer.case, typed=answer.cleaned["half"], by=answer.by, now=answer.now)
    if verdict.right:
        return Accepted("proven", keep={})
    if verdict.tries_left:
        return Accepted("", keep={}, refused=handshake.refusal_of(verdict))
    results.end(answer.case, found=Found.NOT_PROVEN, by=answer.by, now=answer.now)
    return Accepted("not_proven", keep={})


class IdCheckForm(ItemForm):
    """The document is looked at, not copied: its kind, its validity and at most the last four characters of its number
    are noted."""

    intro = _("Look at the document and the person. Take no photo and no copy.")
    submit = _("Send the result")

    outcome = forms.ChoiceField(
        label=_("What did you find?"),
        choices=[
            ("match", _("The document is the customer's, and it is the person before me")),
            ("mismatch", _("It is not, or I have a doubt")),
            ("refused", _("The customer does not show a document")),
        ],
        widget=forms.RadioSelect,
    )
    portrait = forms.ChoiceField(
        label=_("Is the person the one on the picture?"),
        required=False,
        choices=[("yes", _("Yes")), ("no", _("No or not sure"))],
        widget=forms.RadioSelect,
    )
    document = forms.ChoiceField(
        label=_("Which document?"),
        required=False,
        choices=[("passport", _("Passport")), ("id_card", _("Identity card")), ("licence", _("Driving licence"))],
        widget=forms.RadioSelect,
    )
    valid_until = forms.DateField(
        label=_("Valid until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last_signs = forms.RegexField(
        label=_("The last four characters of its number"),
        required=False,
        regex=r"^[0-9A-Za-z]{1,4}$",
        max_length=4,
        error_messages={"invalid": _("Only the last four characters, letters or digits.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    remarks = forms.CharField(
        label=_("What should the reviewer know?"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("outcome") != "match":
            return cleaned
        for name, sentence in (
            ("portrait", _t("Say whether it is the person on the picture.")),
            ("document", _t("Say which document you saw.")),
            ("valid_until", _t("Say until when it is valid.")),
            ("last_signs", _t("Type the last four characters of its number.")),
        ):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, sentence)
        if cleaned.get("portrait") == "no":
            self.add_error(
                "outcome", _t("If it is not the person on the picture, or you are not sure, it is no match.")
            )
        until = cleaned.get("valid_until")
        if until and until < timezone.now().date():
            self.add_error("valid_until", _t("A document that has expired is no match. Ask for another one."))
        return cleaned


def identity_checked(answer: Answer) -> Accepted:
    outcome = answer.cleaned["outcome"]
    results.end(answer.case, found=Found(outcome), by=answer.by, now=answer.now)
    return Accepted(outcome)


class LookIntoAlarmForm(OutcomeForm):
    intro = _(
        "Call the visitor first, then the customer on the number on file. The visitor's extension is on this page; the"
        " customer's number is shown when you ask for it."
    )
    called_visitor = whom_called(_("Did you call the visitor?"))
    called_customer = whom_called(_("Did you call the customer?"))
    field_order = ("called_visitor", "called_customer", "outcome", "reason")


def alarm_looked_into(answer: Answer) -> Accepted:
    called, reason = called_in(answer.cleaned), answer.cleaned["reason"]
    results.looked_into(answer.case, by=answer.by, now=answer.now, called=called, reason=reason)
    return Accepted(answer.cleaned["outcome"], reason=reason)


class LookIntoMismatchForm(OutcomeForm):
    intro = _("While the case is frozen, your answer is kept; it counts once a supervisor unfreezes the case.")
