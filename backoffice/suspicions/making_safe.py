"""What a supervisor decides on what reports have paused, once it is decided that it is fraud: they talk with the
customer, and let it go on or leave it paused. Their name and their reason stand on the timeline of every case that goes
on, and the call that they dialled by hand stands in the contact register."""

from __future__ import annotations

from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases import timeline
from backoffice.cases.forms import Accepted, Answer, OutcomeForm, whom_called
from backoffice.customers import contact_points
from backoffice.customers.models import ContactKind
from backoffice.staff.models import User
from backoffice.suspicions import pausing
from backoffice.suspicions.calls import DIALLED_BY_HAND
from backoffice.trust.models import Contact, ContactChannel
from backoffice.trust.register import register
from workflows.suspicious_contact.facts import MadeSafe

MADE_SAFE, LEFT_PAUSED = "suspicious.made_safe", "suspicious.left_paused"


def _intro() -> str:
    return _t(
        "Call the customer on the number on file, never on one from the report. Their page does not show a call that"
        " you dial by hand: tell them so, and that they can hang up and ring us on %(phone)s. Before anything goes on,"
        " the card is blocked, the password changed and the device clean, wherever they gave something of it away."
    ) % {"phone": settings.COMPANY_PHONE}


class MakeSafeForm(OutcomeForm):
    intro = lazy(_intro, str)()
    called_customer = whom_called(_("Did you call the customer?"))
    field_order = ("called_customer", "outcome", "reason")


def made_safe(answer: Answer) -> Accepted:
    """Lets go on what is paused, or leaves it so, in the name of who decides. Another report that is still looked into
    keeps it paused."""
    outcome, reason = answer.cleaned["outcome"], answer.cleaned["reason"]
    called = str(answer.cleaned.get("called_customer") or "")
    if called:
        _note_call(answer)
    if outcome == MadeSafe.GO_ON.value:
        timeline.note(answer.case, MADE_SAFE, by=answer.by, at=answer.now)
        pausing.let_go_on(answer.case, by=answer.by, reason=reason, now=answer.now)
    else:
        pausing.leave_paused(answer.case)
        timeline.note(answer.case, LEFT_PAUSED, by=answer.by, at=answer.now)
    return Accepted(outcome, reason=reason, data={"called": called} if called else {})


def _note_call(answer: Answer) -> None:
    """The customer sees who of us called, and whoever asks “was that you?” is not told that it was not."""
    case = answer.case
    phone = contact_points.current(customer=case.customer, kind=ContactKind.PHONE)
    contact = Contact(
        customer=case.customer,
        case_id=case.id,
        case_reference=case.reference,
        channel=ContactChannel.CALL,
        purpose=DIALLED_BY_HAND,
        address_masked=phone.masked if phone else "",
        address_index=phone.value_index if phone else "",
        by=User.objects.filter(public_id=answer.by.id).first(),
        at=answer.now,
    )
    register(contacts=[contact])
