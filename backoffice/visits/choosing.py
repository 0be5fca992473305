"""The forms by which a customer chooses a visit or another way, and what their answers do."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases import windows
from backoffice.cases.forms import Accepted, Answer, ItemForm, Steps
from backoffice.customers.models import ContactPoint
from backoffice.needed_fields import needed
from backoffice.visits import booking, offering
from workflows.home_visit.facts import Choice, OtherWay

OTHER_WAYS = [
    ("branch", _("I come to a branch with my identity document")),
    ("remote", _("A video call, with my identity document")),
    ("post", _("A letter with a code to my address; it takes some days")),
]


class ChooseVisitForm(ItemForm):
    """First how, then for a visit the day, and then a time of that day and the place. The times are those that are free
    when the form is made. A `window` may be sent without its `day`."""

    intro = _(
        "Before this goes on, we must be sure that it is you. A visit takes about ten minutes. Our visitors look at"
        " your identity document, and never take a card, a PIN or a telephone with them."
    )
    submit = _("Confirm")
    pages = (
        (_("A visit, or another way"), ("how",)),
        (_("The day of the visit"), ("day",)),
        (_("The time and the place of the visit"), ("window", "place")),
    )

    how = forms.ChoiceField(
        label=_("How do you want to show who you are?"),
        choices=[("visit", _("A visitor of yours comes to me")), *OTHER_WAYS],
        widget=forms.RadioSelect,
    )
    day = needed(forms.ChoiceField(label=_("If a visitor comes: which day?"), required=False, widget=forms.RadioSelect))
    window = needed(forms.ChoiceField(label=_("If a visitor comes: when?"), required=False, widget=forms.RadioSelect))
    place = needed(
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
        if self.is_bound and self.data.get("how") in dict(OTHER_WAYS):
            return self.pages[:1]
        day = self.kept_in_words("day", self._chosen_day())
        title = _t("The visit on %(day)s") % {"day": day}
        return (*self.pages[:2], (title, self.pages[2][1])) if day else self.pages

    def kept_in_words(self, name: str, kept: Any) -> str:
        """The time and the place that were chosen, also when they can no longer be chosen."""
        customer = self.item.case.customer
        if name == "window":
            return windows.key_in_words(str(kept), customer.time_zone)
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

    def _chosen_day(self) -> str:
        """The day that was sent, if it is one of those that are free."""
        sent = str(self.data.get("day") or "") if self.is_bound else ""
        time_zone = self.item.case.customer.time_zone
        return sent if any(window.day(time_zone) == sent for window in self.windows) else ""

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
            day.help_text = self.fields["how"].help_text = _t(
                "No time for a visit is free in the next days. Look again tomorrow, or choose another way."
            )

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
