"""What the customer says of a mail, and what compliance finds after they did not know it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import system
from backoffice.cases import freezing, incidents, timeline
from backoffice.cases.forms import Accepted, Answer, ItemForm, OutcomeForm, whom_called
from backoffice.cases.models import Case, IncidentKind, Resolution
from backoffice.customers.addresses import mask
from backoffice.customers.models import ContactKind
from backoffice.mail_orders import ordering
from backoffice.mail_orders.models import Mail
from workflows.base.spec import Nothing
from workflows.mail_order.facts import Told

ALARM = "mail_not_theirs"
IN_THEIR_NAME = "in_their_name"
"""Why the customer's other cases are paused, as a code with words of its own (`cases.words.BY`)."""


class SayForm(ItemForm):
    """Did the customer write it? It says when the mail came, from where, and what it asks for; nothing of its text,
    which may be a stranger's."""

    submit = _("Send my answer")
    decision = forms.ChoiceField(
        label=_("Did you write this mail?"),
        choices=[
            (Told.MINE.value, _("Yes, I wrote it")),
            (Told.NOT_MINE.value, _("No, I did not write it")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether you wrote it.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.intro = described(self.item.case)


def described(case: Case) -> str:
    """The mail, as its customer may know it."""
    mail = ordering.mail_of_case(case)
    told = {
        "when": date_format(localtime(mail.received_at), "l j F, H:i"),
        "sender": masked_sender(mail),
        "asks": asks_in_words(mail),
    }
    if not told["sender"]:
        return _t("It came on %(when)s and asks for this: “%(asks)s”. Nothing was changed.") % told
    return _t("It came on %(when)s from %(sender)s and asks for this: “%(asks)s”. Nothing was changed.") % told


def asks_in_words(mail: Mail) -> str:
    """What the mail asks for, in the words of the portal's menu."""
    return str(dict(ordering.asked_for()).get(mail.asks, _t("something that we no longer offer")))


def masked_sender(mail: Mail) -> str:
    """Empty once the content of the mail was deleted."""
    sender = (mail.findings or {}).get("sender", "")
    return mask(kind=ContactKind.MAIL, value=sender) if sender else ""


def said(answer: Answer) -> Accepted:
    """Who did not write it knows now that somebody acts in their name: in the same moment, whatever else may change
    something of theirs is paused until a supervisor lets it go on. The mail alone, or any number of mails, never does
    that, nor does anybody but the customer, by a code or a passkey in their own session."""
    decision = answer.cleaned["decision"]
    if decision == Told.NOT_MINE.value:
        _pause_the_rest(answer)
    return Accepted(decision)


def _pause_the_rest(answer: Answer) -> None:
    case = answer.case
    paused = freezing.freeze_what_is_sensitive(customer=case.customer, by=system(), reason=IN_THEIR_NAME)
    if paused:
        data = {"count": str(paused)}
        timeline.note(case, "mail_order.others_paused", by=system(), data=data, at=answer.now)


def raise_alarm(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    """The customer did not write the mail: the case shows as needing attention until compliance has looked into it."""
    incidents.open(case, IncidentKind.ALARM, by=system(), key=ALARM, values={"code": ALARM}, at=now)
    return Nothing()


class LookIntoForgeryForm(OutcomeForm):
    intro = _(
        "Call the customer on the number on file. Never use a number or an address from the mail. What else the "
        "customer had open is paused; a supervisor lets each of these cases go on, or stops it."
    )
    called_customer = whom_called(_("Did you call the customer?"))
    field_order = ("called_customer", "outcome", "reason")


def looked_into(answer: Answer) -> Accepted:
    outcome, reason = answer.cleaned["outcome"], answer.cleaned["reason"]
    incidents.resolve(
        answer.case,
        IncidentKind.ALARM,
        by=answer.by,
        how=Resolution.LOOKED_INTO,
        at=answer.now,
        called=incidents.called_in(answer.cleaned),
        reason=reason,
    )
    return Accepted(outcome, reason=reason)
