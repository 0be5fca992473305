"""Opening the case of a duplicate: the form, and the rule behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases.forms import OpeningForm
from backoffice.cases.models import Case
from backoffice.customers.contact_points import current
from backoffice.customers.models import ContactKind
from backoffice.domains.invoices import duplicating
from backoffice.domains.invoices.models import Invoice, InvoiceDuplicate
from backoffice.refusals import Conflict
from backoffice.statements import insert
from backoffice.text import folded
from workflows.base.spec import Nothing

SHOWN = 24
"""The newest invoices that the form lists. Others are opened from the customer's own list."""


class OneOfTheirInvoices(forms.ChoiceField):
    """An invoice of the customer, by its public id, or by its number as it stands on it."""

    invoices: Sequence[Invoice] = ()

    def to_python(self, value: object) -> str:
        typed = super().to_python(value)
        fitting = [one for one in self.invoices if typed and folded(one.number) == folded(typed)]
        return str(fitting[0].public_id) if len(fitting) == 1 else typed


class DuplicateForm(OpeningForm):
    """Which invoice. It goes to nobody but the customer, so there is nothing else to say."""

    submit = _("Make the duplicate")

    invoice = OneOfTheirInvoices(
        label=_("Which invoice?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose the invoice."),
            "invalid_choice": _("This is not an invoice of this customer. Choose one of the list."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mail = current(customer=self.customer, kind=ContactKind.MAIL)
        self.intro = _t(
            "The duplicate goes to the portal. We write to the address on file, %(address)s, when it is there. For "
            "another address, have it changed first."
        ) % {"address": mail.masked if mail else "—"}
        field = self.fields["invoice"]
        assert isinstance(field, OneOfTheirInvoices)
        field.invoices = list(Invoice.objects.filter(customer=self.customer).prefetch_related("lines"))
        today = timezone.localdate()
        self._refused = [(one, why) for one in field.invoices if (why := duplicating.why_none(one, today))]
        refused = {one.pk for one, _why in self._refused}
        offered = [one for one in field.invoices if self.is_bound or one.pk not in refused]
        choices = [(str(one.public_id), _label(one)) for one in offered]
        field.choices = choices
        field.widget.choices = [*choices[:SHOWN], *self._chosen(choices[SHOWN:])]
        if self.by.kind is ActorKind.CUSTOMER:
            field.error_messages["invalid_choice"] = _t("This is not an invoice of yours. Choose one of the list.")

    def _chosen(self, hidden: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        chosen = str(self.data.get(self.add_prefix("invoice")) or self.initial.get("invoice") or "")
        return [choice for choice in hidden if choice[0] == chosen]

    @property
    def refused(self) -> Sequence[tuple[str, str]]:
        """The invoices that cannot be chosen, each with the reason."""
        return [(str(one), why) for one, why in self._refused[:SHOWN]]


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> Nothing:
    """Runs in the opening's transaction, and locks the invoice, so that of two openings at once one is refused. Raises
    `Conflict` on `invoice`."""
    invoice = Invoice.objects.select_for_update().get(public_id=content["invoice"], customer_id=case.customer_id)
    refusal = duplicating.why_none(invoice, timezone.localdate(now))
    if refusal:
        raise Conflict("no_duplicate", refusal, field="invoice")
    if current(customer=case.customer, kind=ContactKind.MAIL) is None:
        raise Conflict("no_mail", _t("There is no e-mail address on file to tell you by. Add one first."))
    duplicating.check_printable(invoice, timezone.localdate(now))
    insert([InvoiceDuplicate(case=case, invoice=invoice)])
    case.subject = str(invoice)
    return Nothing()


def _label(invoice: Invoice) -> str:
    """ "FV/2026/11/0042 · 3 November 2026"."""
    return f"{invoice} · {date_format(invoice.issued_on, 'j F Y')}"
