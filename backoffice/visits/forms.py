"""The forms of the work items of a home visit, and what their answers do."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases.forms import Accepted, Answer, ItemForm, OutcomeForm, Steps, whom_called
from backoffice.cases.incidents import called_in
from backoffice.customers.models import ContactPoint
from backoffice.staff.models import User
from backoffice.visits import arriving, assigning, booking, calling_off, handshake, offering, results
from backoffice.visits.models import Found
from workflows.home_visit.facts import Choice, OtherWay, Visitor

OTHER_WAYS = [
    ("branch", _("I come to a branch with my identity document")),
    ("remote", _("A video call, with my identity document")),
    ("post", _("A letter with a code to my address; it takes some days")),
]
_DIGITS = {"inputmode": "numeric", "autocomplete": "off"}
FieldT = TypeVar("FieldT", bound=forms.Field)


def _needed(field: FieldT) -> FieldT:
    """A field that is required with some answers and not used with others, so the page does not call it optional."""
    field.needed = True  # type: ignore[attr-defined]
    return field


class ChooseVisitForm(ItemForm):
    """First how, then for a visit the day, and then a time of that day and the place. The times are those that are free
    when the form is made. A `window` may be sent without its `day`."""

    intro = _(
        "Before this goes on, we must be sure that it is you, from face to face. A visit takes about ten minutes. Our"
        " visitors look at your identity document, and never take a card, a PIN or a telephone with them."
    )
    submit = _("Confirm")
    pages = (
        (_("How do you want to show who you are?"), ("how",)),
        (_("On which day may our visitor come?"), ("day",)),
        (_("At what time, and where?"), ("window", "place")),
    )

    how = forms.ChoiceField(
        label=_("How do you want to show who you are?"),
        choices=[("visit", _("A visitor of yours comes to me")), *OTHER_WAYS],
        widget=forms.RadioSelect,
    )
    day = _needed(
        forms.ChoiceField(label=_("If a visitor comes: which day?"), required=False, widget=forms.RadioSelect)
    )
    window = _needed(forms.ChoiceField(label=_("If a visitor comes: when?"), required=False, widget=forms.RadioSelect))
    place = _needed(
        forms.ChoiceField(
            label=_("If a visitor comes: where?"),
            required=False,
            widget=forms.RadioSelect,
            help_text=_("We visit only at an address that we have on file. For your safety it is not shown in full."),
        )
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        customer = self.item.case.customer
        self.windows = offering.windows(booking.visit_of(self.item.case), now=timezone.now())
        self.places = booking.places(customer)
        self._offer_times(customer.time_zone)
        self._choice("place").choices = [(str(point.pk), point.masked) for point in self.places]
        if len(self.places) == 1:
            self._choice("place").initial = str(self.places[0].pk)

    def pages_now(self) -> Steps:
        another_way = self.is_bound and self.data.get("how") in dict(OTHER_WAYS)
        return self.pages[:1] if another_way else self.pages

    def kept_in_words(self, name: str, kept: Any) -> str:
        """The time and the place that were chosen, also when they can no longer be chosen."""
        customer = self.item.case.customer
        if name == "window":
            return offering.key_in_words(str(kept), customer.time_zone)
        if name == "day":
            return date_format(date.fromisoformat(str(kept)), "l j F") if kept else ""
        if name == "place":
            place = ContactPoint.objects.filter(customer=customer, pk=kept).first()
            return place.masked if place else ""
        return ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("how") != "visit":
            for name in ("day", "window", "place"):
                self.errors.pop(name, None)
                cleaned.pop(name, None)
            return cleaned
        if not cleaned.get("window") and "window" not in self.errors:
            self._ask("day", _t("Choose a day."))
            self._ask("window", _t("Choose a time."))
        self._ask("place", _t("Choose one of your addresses on file."))
        return cleaned

    def _offer_times(self, time_zone: str) -> None:
        days = {window.day(time_zone): window.day_in_words(time_zone) for window in self.windows}
        chosen = str(self.data.get("day") or "") if self.is_bound else ""
        day, when = self._choice("day"), self._choice("window")
        day.choices = list(days.items())
        day.error_messages["invalid_choice"] = _t("On this day nobody is free any more. Choose another one.")
        when.error_messages["invalid_choice"] = _t("This time is no longer free. Choose another one.")
        if chosen in days:
            of_day = [window for window in self.windows if window.day(time_zone) == chosen]
            when.choices = [(window.key, window.hours_in_words(time_zone)) for window in of_day]
        else:
            when.choices = [(window.key, window.in_words(time_zone)) for window in self.windows]
        if not self.windows:
            day.help_text = _t("No time is free in the next days. Look again tomorrow, or choose another way.")

    def _choice(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field

    def _ask(self, name: str, sentence: str) -> None:
        if not self.cleaned_data.get(name) and name not in self.errors:
            self.add_error(name, sentence)


def visit_chosen(answer: Answer) -> Accepted:
    chosen = answer.cleaned
    if chosen["how"] != "visit":
        return Accepted(
            "declined", facts=Choice(alternative=OtherWay(chosen["how"])), data={"alternative": chosen["how"]}
        )
    visit = booking.book(answer.case, window=chosen["window"], place=chosen["place"], by=answer.by, now=answer.now)
    return Accepted("booked", facts=Choice(starts=visit.starts, ends=visit.ends))


class ChooseAlternativeForm(ItemForm):
    intro = _("A visit did not work out. Here are the other ways.")
    submit = _("Confirm")
    how = forms.ChoiceField(
        label=_("How do you want to show who you are?"), choices=OTHER_WAYS, widget=forms.RadioSelect
    )


def alternative_chosen(answer: Answer) -> Accepted:
    return Accepted(answer.cleaned["how"])


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
    latitude = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    longitude = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)


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
    half = _needed(
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
    half = _needed(
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
    intro = _("Call the visitor first, then the customer on the number on file. Both numbers stand on this page.")
    called_visitor = whom_called(_("Did you call the visitor?"))
    called_customer = whom_called(_("Did you call the customer?"))
    field_order = ("called_visitor", "called_customer", "outcome", "reason")


def alarm_looked_into(answer: Answer) -> Accepted:
    called, reason = called_in(answer.cleaned), answer.cleaned["reason"]
    results.looked_into(answer.case, by=answer.by, now=answer.now, called=called, reason=reason)
    return Accepted(answer.cleaned["outcome"], reason=reason)


class LookIntoMismatchForm(OutcomeForm):
    intro = _("The case is paused. Your answer is kept; a supervisor lets the case go on.")
