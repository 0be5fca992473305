"""Opening a case about a mail: whose it seems to be, and what it asks for. The customer is asked, at the address on
file; the sender is not answered, and the mail itself changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor
from backoffice.cases import catalogue, timeline
from backoffice.cases.forms import OpeningForm
from backoffice.cases.models import Case, CaseOutcome, CaseState
from backoffice.customers import contact_points
from backoffice.customers.models import ContactKind, Customer
from backoffice.mail_orders import findings, handling
from backoffice.mail_orders.models import Mail, MailState
from backoffice.refusals import Conflict, Invalid, Refused
from backoffice.staff.models import User
from workflows.mail_order.facts import MailOrderOpening, Verdict
from workflows.mail_order.spec import MAIL_ORDER, MailOrderEnding, MailOrderStage


def asked_for() -> list[tuple[str, Any]]:
    """The processes that a customer can open in the portal: a mail can ask for nothing else."""
    known = ((process.name, process.opening, process.spec.title) for process in catalogue.all_processes())
    return [
        (name, opening.offer_to_customer or opening.offer or title)
        for name, opening, title in known
        if opening and opening.by_customers
    ]


class MailOrderForm(OpeningForm):
    """Which mail, and what it asks for."""

    intro = _(
        "The customer is asked, at the address that we have on file, whether the mail is theirs. The sender gets no"
        " answer, and nothing changes before the customer says so in the portal."
    )
    submit = _("Ask the customer")

    mail = forms.CharField(
        label=_("The reference of the mail"),
        max_length=40,
        help_text=_("It is on the page of the mail: K7Q-4MX-2."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Type the reference of the mail.")},
    )
    asks = forms.ChoiceField(
        label=_("What does the mail ask for?"),
        choices=asked_for,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the mail asks for.")},
    )

    def clean_mail(self) -> str:
        try:
            return handling.mail_of(self.cleaned_data["mail"]).reference
        except Refused as refused:
            raise forms.ValidationError(refused.sentence) from None


def why(content: Mapping[str, Any]) -> str:
    return str(content["asks"])


def why_not(customer: Customer) -> str:
    """They must be reached and be able to answer; and one question at a time, so that nobody floods them."""
    if customer.user_id is None:
        return _t("This customer has no account with which they could answer: call them on the number on file.")
    if contact_points.current(customer=customer, kind=ContactKind.MAIL) is None:
        return _t("We have no e-mail address of this customer: call them on the number on file.")
    under_way = Case.objects.filter(customer=customer, process=MAIL_ORDER.name).exclude(state=CaseState.CLOSED)
    return _t("The customer is being asked about another mail already.") if under_way.exists() else ""


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> MailOrderOpening:
    """Runs in the opening's transaction. The hint is what the headers say when the mail is compared with this
    customer's address. Raises `Conflict`, `Forbidden` on `mail`, and `Invalid` on `asks`."""
    customer = Customer.objects.select_for_update().get(pk=case.customer_id)
    others = Case.objects.filter(customer=customer, process=MAIL_ORDER.name).exclude(state=CaseState.CLOSED)
    if others.exclude(pk=case.pk).exists():
        raise Conflict("under_way", _t("The customer is being asked about another mail already."))
    if content["asks"] not in dict(asked_for()):
        raise Invalid({"asks": [_t("Choose what the mail asks for.")]})
    user = User.objects.get(public_id=by.id)
    mail = handling.for_order(handling.mail_of(content["mail"]), customer=customer, user=user, now=now)
    findings.compare_with(mail, customer)
    mail.customer, mail.case, mail.asks = customer, case, content["asks"]
    mail.state, mail.held_by, mail.held_at = MailState.ASKED, None, None
    case.subject = _t("Mail %(reference)s") % {"reference": mail.reference}
    mail.note("asked", by=by.id, at=now)
    mail.save()
    data = {"mail": mail.reference, "hint": mail.hint, "asks": mail.asks}
    timeline.note(case, "mail_order.linked", by=by, data=data, at=now)
    case_reasons = ",".join(mail.reasons)
    timeline.note(case, "mail_order.reasons", by=by, data={"reasons": case_reasons}, at=now)
    return MailOrderOpening(asks=mail.asks, verdict=Verdict(mail.hint))


def mail_of_case(case: Case) -> Mail:
    return Mail.objects.get(case=case)


def settle(case: Case) -> None:
    """What came of it is noted with the mail when its case closes."""
    mail = mail_of_case(case)
    states = {
        MailOrderEnding.FORGED.value: MailState.DENIED,
        MailOrderEnding.MISTAKEN.value: MailState.CONFIRMED,
    }
    denied = case.stage == MailOrderStage.SUSPICION
    otherwise = MailState.DENIED if denied else MailState.UNANSWERED
    done = MailState.CONFIRMED if case.outcome == CaseOutcome.DONE else otherwise
    mail.state, mail.ended_at = states.get(case.outcome_reason, done), case.closed_at
    mail.note(mail.state, at=case.closed_at or mail.received_at)
    mail.save(update_fields=["state", "ended_at", "history"])
