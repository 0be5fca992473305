"""Opening a call-back: by a customer who wants to be called, by one of us, or by the process of another case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind
from backoffice.calls.back import booking, offering
from backoffice.calls.back.models import CallBack, CallBackState, Topic
from backoffice.calls.back.records import matter_of
from backoffice.cases import catalogue, keeping_from
from backoffice.cases.forms import OpeningForm
from backoffice.cases.models import Case, CaseState
from backoffice.cases.windows import Window
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.refusals import Conflict, Invalid
from backoffice.staff.models import Role
from backoffice.telephony import numbers
from backoffice.trust.phone_factor import Hindrance, hindrance
from workflows.call_back.facts import Booked, CallBackOpening
from workflows.call_back.spec import CALL_BACK_SPEC, CallBackStage

MOST_CASES = 20
"""Cases that the form offers, the newest first."""
OTHER_WAYS = _("We can write instead: in the portal, by mail or by letter.")
REFUSED: Mapping[Hindrance, str | Promise] = {
    Hindrance.NO_NUMBER: _("This is no telephone number that we have of you."),
    Hindrance.SUPERSEDED: _("This number was replaced by another one."),
    Hindrance.UNVERIFIED: _("We do not know yet whether this number is yours."),
    Hindrance.SIM_SWAPPED: _("This number was reported as swapped or moved, so somebody else might answer it."),
    Hindrance.TOO_YOUNG: _("This number is younger than seven days. To protect you, we do not call it yet."),
    Hindrance.COSTS_EXTRA: _("It costs extra to ring this number, so we do not."),
}


def phones_of(customer: Customer) -> Sequence[ContactPoint]:
    return list(ContactPoint.objects.filter(customer=customer, kind=ContactKind.PHONE, superseded_at=None))


def why_not_number(point: ContactPoint | None, *, now: datetime) -> str:
    """Why this number is not called, and the other way, in words for its customer; empty when it is."""
    refusal = hindrance(point, now)
    return f"{REFUSED[refusal]} {OTHER_WAYS}" if refusal is not None else ""


class WishForm(OpeningForm):
    """What about, on which of the numbers on file, and when. The times are those that are free when it is made."""

    intro = _(
        "We call you at the time that you choose. While the telephone rings, your page here shows whether it is us, and"
        " who it is. We never ask for a password, a PIN or a code that was sent for something else."
    )
    submit = _("Arrange the call")

    what = forms.ChoiceField(
        label=_("What is it about?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what it is about."),
            "invalid_choice": _("There is no such case that is still open. Choose one of the list."),
        },
    )
    number = forms.ChoiceField(
        label=_("Which number do we call?"),
        widget=forms.RadioSelect,
        help_text=_("Only a number that we have on file. For your safety it is not shown in full."),
        error_messages={
            "required": _("Choose a number."),
            "invalid_choice": _("We call only numbers that we have on file. Choose one of the list."),
        },
    )
    window = forms.ChoiceField(
        label=_("When do we call?"),
        error_messages={
            "required": _("Choose a time."),
            "invalid_choice": _("This time is no longer free. Choose another one."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = timezone.now()
        self.phones = phones_of(self.customer)
        what, number, window = (_choice(self, name) for name in ("what", "number", "window"))
        what.choices = [*_cases(self.customer, self.by), *((f"topic:{one.value}", str(one.label)) for one in Topic)]
        number.choices = [(str(point.pk), point.masked) for point in self.phones]
        good = [point for point in self.phones if hindrance(point, self.now) is None]
        number.widget.choices = [(str(point.pk), point.masked) for point in good]
        if len(good) == 1:
            number.initial = str(good[0].pk)
        free = self._windows()
        window.choices = [("", _t("Choose a time")), *offering.by_day(free, self.customer.time_zone)]
        to_customer = self.by.kind is ActorKind.CUSTOMER
        window.help_text = offering.earliest_in_words(free, self.customer.time_zone, to_customer=to_customer)
        if not free:
            window.help_text += f" {OTHER_WAYS}"

    @property
    def refused(self) -> Sequence[tuple[str, str]]:
        """The numbers that are not called, each with the reason."""
        found = [(point.masked, why_not_number(point, now=self.now)) for point in self.phones]
        return [(masked, refusal) for masked, refusal in found if refusal]

    def clean_number(self) -> str:
        chosen = str(self.cleaned_data["number"])
        point = next((one for one in self.phones if str(one.pk) == chosen), None)
        if refusal := why_not_number(point, now=self.now):
            raise forms.ValidationError(refusal)
        return chosen

    def _windows(self) -> Sequence[Window]:
        """Before it is said what the call is about: `prepare` looks at the budget of that matter."""
        asked = self.by.kind is ActorKind.CUSTOMER
        since = offering.earliest_for(self.customer, matter="", now=self.now, asked=asked)
        zone = self.customer.time_zone
        return offering.windows(role=Role.SUPPORT, time_zone=zone, since=since, now=self.now)


def _choice(form: forms.Form, name: str) -> forms.ChoiceField:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    return field


def _cases(customer: Customer, by: Actor) -> list[tuple[str, str]]:
    seen = Case.objects.filter(keeping_from.visible(by), customer=customer, root=None)
    found = seen.exclude(state=CaseState.CLOSED)
    found = found.exclude(process=CALL_BACK_SPEC.name).order_by("-opened_at")[:MOST_CASES]
    return [
        (f"case:{one.reference}", f"{_t(catalogue.spec(one.process).customer_title)} ({one.reference})")
        for one in found
    ]


def why_not(customer: Customer) -> str:
    """Why this customer cannot be called; empty when they can."""
    if numbers.callable_numbers(customer=customer, now=timezone.now()):
        return ""
    return f"{_t('There is no telephone number that we may call.')} {OTHER_WAYS}"


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> CallBackOpening:
    """Runs inside the opening's transaction. Raises `Conflict` on `what` where a call about that is under way, and
    `Invalid` on `number` and `window` for what is not offered any more."""
    if by.kind is ActorKind.SYSTEM:
        return _by_ourselves(case, content)
    customer = Customer.objects.select_for_update(no_key=True).get(pk=case.customer_id)
    kind, _colon, which = str(content["what"]).partition(":")
    about = Case.objects.filter(customer=customer, reference=which).first() if kind == "case" else None
    call_back = CallBack(
        case=case,
        about=about,
        topic=which if kind == "topic" else "",
        role=Role.SUPPORT,
        asked_by_customer=by.kind is ActorKind.CUSTOMER,
        point=_chosen_number(customer, str(content["number"]), now=now),
    )
    refuse_second(call_back)
    if about is not None:
        keeping_from.keep_as_from(about, case, now=now)
    offered = offering.windows_for(call_back, now=now, asked=call_back.asked_by_customer)
    window = offering.of_choice(str(content["window"]), offered)
    booking.agree(call_back, window, by=by, now=now)
    return CallBackOpening(booked=Booked(starts=window.starts, ends=window.ends))


def refuse_second(call_back: CallBack) -> None:
    """Raises `Conflict` on `what` while another call about the same is under way. The caller holds the customer's
    lock."""
    open_ones = CallBack.objects.filter(case__customer_id=call_back.case.customer_id, survey_of=None)
    open_ones = open_ones.exclude(state=CallBackState.OVER).exclude(pk=call_back.pk).select_related("case", "about")
    same = next((one for one in open_ones if matter_of(one) == matter_of(call_back)), None)
    if same is not None:
        sentence = _t("A call about this is arranged already: case %(reference)s. You can move it there.")
        raise Conflict("under_way", sentence % {"reference": same.case.reference}, field="what")


def _chosen_number(customer: Customer, chosen: str, *, now: datetime) -> ContactPoint:
    point = next((one for one in phones_of(customer) if str(one.pk) == chosen), None)
    if point is None or (refusal := why_not_number(point, now=now)):
        raise Invalid({"number": [refusal if point else str(REFUSED[Hindrance.NO_NUMBER])]})
    return point


def _by_ourselves(case: Case, content: Mapping[str, Any]) -> CallBackOpening:
    """Under another case, after a call that went badly, for the questions about a call, or by the public page."""
    if "survey_of" in content:
        spoken = CallBack.objects.select_related("case").get(pk=content["survey_of"])
        keeping_from.keep_as_from(spoken.case, case, now=case.opened_at)
        CallBack.objects.create(case=case, about=spoken.about, topic=spoken.topic, survey_of=spoken)
        case.stage = CallBackStage.SURVEY.value  # No step of a call is ahead in it, also while the process waits.
        return CallBackOpening(survey=True)
    supervisor = bool(content.get("supervisor"))
    about = case.parent or Case.objects.filter(pk=str(content["about"]), customer=case.customer).first()
    if about is not None:
        keeping_from.keep_as_from(about, case, now=case.opened_at)
    CallBack.objects.create(
        case=case,
        about=about,
        role=Role.SUPERVISOR if supervisor else Role.SUPPORT,
        asked_by_customer=supervisor,
    )
    if case.parent is not None:
        case.subject = case.parent.subject
    under = case.parent.process if case.parent else ""
    return CallBackOpening(under=under, supervisor=supervisor, soon=bool(content.get("soon")))


def why(content: Mapping[str, Any]) -> str:
    """The code of the reason: the topic, or "case"."""
    kind, _colon, which = str(content["what"]).partition(":")
    return which if kind == "topic" else "case"
