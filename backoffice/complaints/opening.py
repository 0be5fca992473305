"""Opening a complaint: what it is about, what happened, and who must not look into it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.cases import keeping_from, timeline
from backoffice.cases.forms import OpeningForm
from backoffice.cases.models import Case
from backoffice.complaints import naming, people
from backoffice.complaints.clock import clock, end_of
from backoffice.complaints.models import Came, Complaint, Topic, topics
from backoffice.customers.models import Customer
from backoffice.needed_fields import needed
from backoffice.references import tidy_reference
from backoffice.refusals import Conflict
from backoffice.staff.models import Role, User
from backoffice.trust.models import Contact
from workflows.complaint.facts import ComplaintOpening, Rule
from workflows.complaint.spec import COMPLAINT_PROCESS

LONGEST, LONGEST_WISH = 4000, 500
"""In characters."""
CASES_OFFERED = 20
OLDEST_LETTER = timedelta(days=60)
_PAYMENTS = frozenset({"card_reissue", "autopay_update"})
"""Cases of these processes are about payments, and so are complaints about them."""


class ComplaintForm(OpeningForm):
    """Only two fields must be filled in. Everything else helps to find what it is about."""

    intro = _(
        "You get a number at once, and an answer by a day that we tell you. If you name somebody and we find them"
        " among us, they neither see it nor look into it."
    )
    intro_for_staff = _(
        "Write down what the customer says, in their own words. They get the number at once: read it to them when the"
        " case is open. If they name somebody and we find them among us, that person does not see the complaint."
    )
    submit = _("Send the complaint")

    topic = forms.ChoiceField(
        label=_("What is it about?"),
        choices=topics(),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is about. If nothing fits, choose “something else”.")},
    )
    text = forms.CharField(
        label=_("What happened?"),
        help_text=_("In your own words. You need not be polite."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Tell us what happened, in a few words.")},
    )
    wish = forms.CharField(
        label=_("What should we do about it?"),
        max_length=LONGEST_WISH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    person = forms.ChoiceField(
        label=_("Is it about somebody who works for us?"),
        required=False,
        help_text=_("These wrote to you, spoke with you or visited you. Whom you choose never sees your complaint."),
    )
    whom = forms.CharField(
        label=_("Or write the name, as well as you know it"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    case = forms.ChoiceField(label=_("Is it about one of these cases?"), required=False)
    contact = forms.CharField(
        label=_("The code of the message or call, if you have it"),
        max_length=40,
        required=False,
        help_text=_("It is in every message from us, and in your list of who contacted you."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    came = needed(
        forms.ChoiceField(
            label=_("How did it come to us?"),
            choices=[(Came.PHONE.value, Came.PHONE.label), (Came.LETTER.value, Came.LETTER.label)],
            widget=forms.RadioSelect,
            required=False,
        )
    )
    received_on = forms.DateField(
        label=_("The day on which the letter came in"),
        required=False,
        help_text=_("Only for a letter that did not come today: its clock runs since that day."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, customer: Customer, by: Actor, **kwargs: Any) -> None:
        super().__init__(data, customer=customer, by=by, **kwargs)
        self.known = naming.had_contact(customer, now=timezone.now())
        self._offer("person", [(str(one.public_id), one.get_full_name()) for one in self.known if one.get_full_name()])
        self._offer("case", [(case.reference, _case_in_words(case)) for case in _cases_of(customer, by)])
        if by.kind is ActorKind.STAFF:
            self.intro = self.intro_for_staff
            self.fields["text"].help_text = _t("In the customer's own words.")
            if "person" in self.fields:
                self.fields["person"].help_text = _t(
                    "These had contact with the customer. Who is chosen never sees it."
                )
        if by.kind is not ActorKind.STAFF or by.channel is Channel.API:
            del self.fields["came"]
        if by.kind is not ActorKind.STAFF:
            del self.fields["received_on"]

    def _offer(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        if not choices:
            del self.fields[name]
            return
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _t("No, or I do not know")), *choices]

    def clean_contact(self) -> str:
        typed = self.cleaned_data["contact"]
        if not typed:
            return ""
        if (found := _contact_of(self.customer, typed)) is None:
            raise forms.ValidationError(
                _t("We find no contact of yours with this code. Leave it empty, or read it again.")
            )
        return str(found.reference)

    def clean_came(self) -> str:
        came = str(self.cleaned_data["came"])
        if not came:
            raise forms.ValidationError(_t("Choose how it came to us."))
        return came

    def clean_received_on(self) -> date | None:
        day: date | None = self.cleaned_data["received_on"]
        today = timezone.localdate()
        if day is not None and not today - OLDEST_LETTER <= day <= today:
            raise forms.ValidationError(_t("Write a day of the last 60 days."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("received_on") and cleaned.get("came") == Came.PHONE:
            self.add_error("received_on", _t("Only a letter came in earlier than today."))
        if self.by.kind is ActorKind.STAFF and "text" in cleaned and self._is_about_who_types(cleaned):
            self.add_error("whom" if cleaned.get("whom") else "text", about_you())
        return cleaned

    def _is_about_who_types(self, cleaned: Mapping[str, Any]) -> bool:
        named = complained_of(self.customer, cleaned, known=self.known)
        return any(str(user.public_id) == self.by.id for user in named.users)


def about_you() -> str:
    return _t(
        "This complaint names you, so a colleague must enter it. Ask one to do it now, and let the customer wait."
    )


@dataclass(frozen=True)
class Named:
    """`unknown`: a name was typed that fits nobody of us."""

    users: Sequence[User]
    unknown: bool


def complained_of(customer: Customer, content: Mapping[str, Any], *, known: Sequence[User]) -> Named:
    """Those of us whom the complaint is about: who was chosen, who is named anywhere in it, who made the call or wrote
    the message that it is about, and who was kept from it before it had a case (`kept_from`)."""
    chosen = [user for user in known if str(user.public_id) == content.get("person")]
    typed = naming.named_in(str(content.get("whom") or ""), known=known, is_name=True)
    said = naming.named_in(f"{content.get('text') or ''} {content.get('wish') or ''}", known=known)
    contact = _contact_of(customer, str(content.get("contact") or ""))
    noted = User.objects.filter(public_id__in=content.get("kept_from") or ())
    people = {user.pk: user for user in (*chosen, *typed, *said, *_who_made(contact), *noted)}
    return Named(list(people.values()), unknown=bool(content.get("whom")) and not typed)


def _who_made(contact: Contact | None) -> Sequence[User]:
    if contact is None:
        return []
    call = getattr(contact, "telephone_call", None)
    ids = [contact.by_id, call.agent_id if call else None]
    return list(User.objects.filter(pk__in=[one for one in ids if one is not None]))


def why(content: Mapping[str, Any]) -> str:
    return str(content["topic"])


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> ComplaintOpening:
    """Writes the particulars and the clock, and keeps from it whom it is about, and who is kept from the case that it
    is about. Raises `Conflict` on `text` when the person who enters it is one of these."""
    customer = case.customer
    named = complained_of(customer, content, known=naming.had_contact(customer, now=now))
    complaint = _particulars(case, content, named, by=by, now=now)
    kept = {user.pk: user for user in (*named.users, *_kept_from(complaint))}.values()
    if any(str(user.public_id) == by.id for user in kept):
        raise Conflict("about_you", about_you(), field="text")
    complaint.save(force_insert=True)
    case.subject = str(Topic(complaint.topic).label)
    data = {"topic": complaint.topic, "came": complaint.came}
    timeline.note(case, "complaint.received", by=by, data=data, at=now)
    if new := keeping_from.keep_from(case, users=kept, now=now):
        timeline.note(case, "complaint.kept_from", by=by, data={"people": str(len(new))}, at=now)
    return ComplaintOpening(
        rule=Rule(complaint.rule),
        summary_by=complaint.summary_by,
        final_by=complaint.final_by,
        hard_stop=complaint.hard_stop,
        independent=any(Role.SUPERVISOR in user.role_names for user in kept),
        by_letter=complaint.by_letter,
        rings=complaint.came == Came.PHONE,
    )


def _kept_from(complaint: Complaint) -> list[User]:
    """Who is kept from what it is about: a complaint about an earlier one tells of that one too."""
    ids = [complaint.about_case_id, complaint.contact.case_id if complaint.contact else None]
    return people.who_are_kept_from(Case.objects.filter(pk__in=[one for one in ids if one]))


def _particulars(case: Case, content: Mapping[str, Any], named: Named, *, by: Actor, now: datetime) -> Complaint:
    customer = case.customer
    contact = _contact_of(customer, str(content.get("contact") or ""))
    about = _about_case(customer, content, contact)
    rule = _rule_of(content["topic"], about)
    received = _received_at(customer, content, now)
    times = clock(rule=rule, received_at=received, country=customer.country, time_zone=customer.time_zone)
    return Complaint(
        case=case,
        customer=customer,
        topic=content["topic"],
        came=content.get("came") or _came_by(by),
        text=content["text"],
        wish=content.get("wish") or "",
        whom=content.get("whom") or "",
        name_unknown=named.unknown,
        contact=contact,
        about_case=about,
        rule=rule.value,
        country=customer.country,
        received_at=received,
        summary_by=times.summary_by,
        final_by=times.final_by,
        hard_stop=times.hard_stop,
        answer_by=times.final_by,
    )


def _came_by(by: Actor) -> str:
    return Came.API if by.channel is Channel.API else Came.PORTAL


def _received_at(customer: Customer, content: Mapping[str, Any], now: datetime) -> datetime:
    """A letter, or a complaint on the public page (`received_at`), may have come in before its case was opened."""
    if at := content.get("received_at"):
        return datetime.fromisoformat(str(at))
    day = content.get("received_on")
    if not day:
        return now
    return min(now, end_of(day if isinstance(day, date) else date.fromisoformat(str(day)), customer))


def _rule_of(topic: str, about: Case | None) -> Rule:
    """In doubt the shorter clock: whatever touches a payment or its price (PSD2, titles III and IV)."""
    pays = topic in (Topic.PAYMENT, Topic.FEE) or (about is not None and about.process in _PAYMENTS)
    return Rule.PAYMENTS if pays else Rule.OTHERS


def _about_case(customer: Customer, content: Mapping[str, Any], contact: Contact | None) -> Case | None:
    chosen = content.get("case")
    which = Q(reference=chosen) if chosen else Q(pk=contact.case_id if contact else None)
    return Case.objects.filter(which, customer=customer).first() if chosen or contact else None


def _contact_of(customer: Customer, typed: str) -> Contact | None:
    reference = tidy_reference(typed) if typed else None
    if reference is None:
        return None
    return Contact.objects.select_related("telephone_call").filter(reference=reference, customer=customer).first()


def _cases_of(customer: Customer, by: Actor) -> Sequence[Case]:
    found = Case.objects.filter(keeping_from.visible(by), customer=customer, root=None)
    found = found.exclude(process=COMPLAINT_PROCESS.name)
    return list(found.order_by("-opened_at", "id")[:CASES_OFFERED])


def _case_in_words(case: Case) -> str:
    from backoffice.ui import headlines

    return f"{headlines.title(case)} ({case.reference})"


def key_of(row: uuid.UUID) -> str:
    """The key of the case that is opened for a stranger's complaint: one row is one case."""
    return f"strangers-complaint:{row}"


def settle(case: Case) -> None:
    """At the end of the case: it is no longer on the board."""
    Complaint.objects.filter(case=case).update(live=False)
