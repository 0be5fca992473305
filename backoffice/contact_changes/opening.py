"""Opening a contact change: which address or number, and what it is to become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, Channel
from backoffice.cases import catalogue, permissions
from backoffice.cases.forms import OpeningForm
from backoffice.cases.models import Case
from backoffice.contact_changes.models import ContactChange
from backoffice.customers import contact_points, postal, postal_form
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.customers.postal_rules import home
from backoffice.needed_fields import needed
from backoffice.refusals import Conflict, Invalid
from workflows.contact_change.facts import ChangeOpening, What
from workflows.contact_change.spec import CONTACT_CHANGE

LONGEST = 300
"""In characters; a mail address has at most 254."""
KINDS = [
    (ContactKind.MAIL.value, _("The e-mail address")),
    (ContactKind.PHONE.value, _("The telephone number")),
    (ContactKind.POSTAL.value, _("The postal address")),
]


class ChangeForm(OpeningForm):
    """What changes, and the new value: one text for mail and telephone, the parts of its country for a postal address,
    which are shown once that is chosen."""

    intro = _(
        "Nothing is changed at once. We send a code to the new address, and tell all the old ones; from then on there "
        "are three days in which the change can be stopped."
    )
    intro_at_branch = _(
        "Nothing is changed at once. This customer has no sign-in in which they could confirm it, so they show who"
        " they are at a branch. We tell all the old addresses; from then on there are three days in which the change"
        " can be stopped, and then a second person approves it."
    )
    submit = _("Continue")

    kind = forms.ChoiceField(
        label=_("What is to be changed?"),
        choices=KINDS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is to be changed.")},
    )
    value = needed(
        forms.CharField(
            label=_("The new e-mail address or telephone number"),
            help_text=_("Leave it empty for a postal address: its fields come next."),
            max_length=LONGEST,
            required=False,
        )
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, customer: Customer, by: Actor, **kwargs: Any) -> None:
        self.asks_for_parts = bool(data and data.get("kind") == ContactKind.POSTAL and not data.get("country"))
        if data and self.asks_for_parts:
            data = {**dict(data.items()), "country": customer.country or home()}
        super().__init__(data, customer=customer, by=by, **kwargs)
        if self.customer.user_id is None:
            self.intro = self.intro_at_branch
        self.chosen = str((self.data if self.is_bound else self.initial).get("kind") or "")
        if not self.chosen and self.by.channel is Channel.API:
            return  # a program sees at once all that it may send
        if self.chosen == ContactKind.POSTAL:
            del self.fields["value"]
            postal_form.draw(self, country=self.customer.country)
        else:
            for name in postal_form.names():
                del self.fields[name]
            self._name_value()

    def _name_value(self) -> None:
        """Once it is known which of the two it is, the field says so."""
        labels = {
            ContactKind.MAIL.value: _("The new e-mail address"),
            ContactKind.PHONE.value: _("The new telephone number"),
        }
        if self.chosen in labels:
            self.fields["value"].label = labels[self.chosen]
            self.fields["value"].help_text = ""

    def clean(self) -> dict[str, Any]:
        """In the form's own fields, so that each fault stands where it was made."""
        cleaned = super().clean() or {}
        if not cleaned.get("kind"):
            return cleaned
        if self.chosen == ContactKind.POSTAL:
            if self.asks_for_parts:
                self.errors.clear()
                self.add_error("country", _t("Fill in the new postal address here, in the fields of its country."))
                return cleaned
            if postal_form.read(self) is None:
                return cleaned
        elif not cleaned.get("value"):
            if "value" not in self.errors:
                self.add_error("value", _t("Write the new address or number."))
            return cleaned
        try:
            columns_of(self.customer, cleaned)
        except Invalid as refused:
            for name, sentences in refused.errors.items():
                self.add_error(name, list(sentences))
        return cleaned

    @property
    def refused(self) -> Sequence[tuple[str, str]]:
        """The kinds of which a change is under way."""
        under_way = set(live_of(self.customer).values_list("kind", flat=True))
        return [(str(label), _t("A change is under way already.")) for kind, label in KINDS if kind in under_way]


for _name, _field in postal_form.fields().items():
    _field.required = False
    ChangeForm.base_fields[_name] = _field


def columns_of(customer: Customer, content: Mapping[str, Any]) -> dict[str, str]:
    """The new address in its normal form, as an address on file has it. Raises `Invalid` on a field of the form."""
    kind = str(content["kind"])
    if kind != ContactKind.POSTAL:
        return contact_points.written(customer=customer, kind=kind, value=str(content.get("value") or ""))
    typed = postal.of_parts({part: str(content.get(part) or "") for part in postal.PARTS})
    return contact_points.written(customer=customer, kind=kind, value=typed)


def page_at_desk(customer: Customer, by: Actor) -> str:
    """Where this member of staff opens one for the customer; empty for whom may not."""
    if not permissions.to_open(catalogue.process(CONTACT_CHANGE.name)).allows(by):
        return ""
    return reverse("admin:desk_open", args=[customer.public_id, CONTACT_CHANGE.name])


def why(content: Mapping[str, Any]) -> str:
    return str(content["kind"])


def live_of(customer: Customer) -> QuerySet[ContactChange]:
    """The customer's changes that are under way."""
    return ContactChange.objects.filter(customer=customer, live=True)


def why_not(customer: Customer) -> str:
    """Only when every kind is being changed already."""
    return _t("Everything that can be changed is being changed already.") if live_of(customer).count() >= 3 else ""


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> ChangeOpening:
    """Runs in the opening's transaction, and locks the customer, so that of two openings at once one is refused.

    Raises `Conflict` on `kind` when a change of this kind is under way, and `Invalid` on the new address when it is the
    one in force and there is nothing to prove of it.
    """
    customer = Customer.objects.select_for_update().get(pk=case.customer_id)
    kind = ContactKind(content["kind"])
    columns = columns_of(customer, content)
    if live_of(customer).filter(kind=kind).exists():
        sentence = _t("A change of it is under way already. Stop that one first, or wait for its end.")
        raise Conflict("under_way", sentence, field="kind")
    current = contact_points.current(customer=customer, kind=kind)
    _refuse_same(kind, columns["value_index"], current)
    elsewhere = ContactPoint.objects.filter(value_index=columns["value_index"], superseded_at=None)
    change = ContactChange.objects.create(
        case=case,
        customer=customer,
        kind=kind,
        **{name: columns.get(name) for name in ("value", "value_index", "masked", "parts")},
        replaces=current,
        abroad=kind == ContactKind.POSTAL and postal.restored(columns["parts"]).country != home(),
        opened_by=by.kind.value,
        at_branch=customer.user_id is None,
        known_elsewhere=elsewhere.exclude(customer=customer).exists(),
    )
    case.subject = str(change)[: Case._meta.get_field("subject").max_length]
    return ChangeOpening(what=What(kind.value), abroad=change.abroad, at_branch=change.at_branch)


def _refuse_same(kind: ContactKind, index: str, current: ContactPoint | None) -> None:
    """Raises `Invalid` for what would change nothing. An address in force that was never proven may be given again, to
    be proven now; so may a number whose SIM was swapped, which takes an identity check and an approval besides."""
    if current is None or current.value_index != index:
        return
    if current.verified_at is not None and current.sim_swapped_at is None:
        field = "line1" if kind == ContactKind.POSTAL else "value"
        raise Invalid({field: [_t("This is what we have already. Nothing would change.")]})


def settle(case: Case) -> None:
    """A closed case frees its kind for another change."""
    ContactChange.objects.filter(case=case).update(live=False)
