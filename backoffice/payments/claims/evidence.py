"""What the people who decide on a claim see side by side: what the customer says, what was paid and delivered, what was
read out and agreed to in which call, and what the agent's telephone was sent meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.cases.evidence import Lines
from backoffice.cases.models import Case, WorkItem
from backoffice.payments.claims.models import Came, NeedsPerson, PaymentClaim, Verdict, Why
from backoffice.payments.provider.events import DisputeStatus
from backoffice.payments.voice.models import CleanLeg, Reading, VoicePayment
from backoffice.ui.times import in_full

MOST_SHOWN = 10


def claim(case: Case, item: WorkItem | None = None) -> Lines:
    """What is wrong, as the customer says it, and which day counts."""
    found = PaymentClaim.of(case)
    lines = [
        (_("What is wrong"), str(Why(found.why).label)),
        (_("In the customer's words"), found.text),
        (_("It came"), str(Came(found.came).label)),
        (_("About"), found.sum.shown()),
        (_("Received"), moment(found.received_at)),
        (_("Why a person decides on the credit"), str(NeedsPerson(found.needs).label) if found.needs else ""),
        (_("The customer has the money since"), moment(found.credited_at) if found.credited_at else ""),
        (_("Decision by"), moment(found.decide_by)),
        (_("Never later than"), moment(found.latest_by)),
        (_("Why it takes longer"), found.held_because),
        (_("At the customer's bank"), in_words_of(found.dispute_state)),
    ]
    return [(label, words) for label, words in lines if words]


def in_words_of(dispute: str) -> str:
    """The state of a dispute; empty where there is none."""
    words = {
        DisputeStatus.NEEDS_ANSWER: _("disputed; the bank waits for our answer"),
        DisputeStatus.UNDER_REVIEW: _("disputed; the bank looks into it"),
        DisputeStatus.WON: _("disputed; the bank decided against its customer"),
        DisputeStatus.LOST: _("disputed; the bank gave its customer the money"),
    }
    return words[DisputeStatus(dispute)] if dispute else ""


def payment(case: Case, item: WorkItem) -> Lines:
    """What was paid to whom for what, and what the merchant says of the delivery."""
    found = PaymentClaim.of(case).payment
    delivery = str(found.get_fulfilment_display())
    if found.fulfilment_at:
        delivery = f"{delivery}, {moment(found.fulfilment_at)}"
    return [
        (_("Case of the payment"), found.case.reference),
        (_("Amount"), found.sum.shown()),
        (_("To"), found.merchant.trading_name),
        (_("For"), found.what_for),
        (_("Paid"), moment(found.captured_at) if found.captured_at else "—"),
        (_("Card ending"), found.last_four),
        (_("What the merchant says of the delivery"), delivery),
        (_("Calls"), _calls(found)),
    ]


def _calls(found: VoicePayment) -> str:
    count = found.calls.count()
    return ngettext("%(count)d call", "%(count)d calls", count) % {"count": count}


def readings(case: Case, item: WorkItem) -> Lines:
    """Each sentence that was read out, with the call, and whether and when the customer agreed to it."""
    found = Reading.objects.filter(payment=PaymentClaim.of(case).payment).select_related("call")
    lines = [line for one in found.order_by("read_at", "pk")[:MOST_SHOWN] for line in _of_reading(one)]
    return lines or [(_("Read out"), _("Nothing was read out to this customer."))]


def _of_reading(one: Reading) -> Sequence[tuple[str, str]]:
    told = {"number": str(one.call.number), "at": moment(one.read_at)}
    agreed = _("agreed %(at)s") % {"at": moment(one.agreed_at)} if one.agreed_at else _("not agreed to")
    if one.void_at:
        agreed = _("%(agreed)s; void since %(at)s, because the order changed") % {
            "agreed": agreed,
            "at": moment(one.void_at),
        }
    return [(_("Read out in call %(number)s, %(at)s") % told, one.text), (_("The customer"), agreed)]


def clean_legs(case: Case, item: WorkItem) -> Lines:
    """The gateway's proofs. Both counts of a clean one are nought."""
    found = CleanLeg.objects.filter(payment=PaymentClaim.of(case).payment).order_by("at")[:MOST_SHOWN]
    lines = [(moment(one.at), _of_leg(one)) for one in found]
    return lines or [(_("Proofs"), _("There is none: nothing was keyed in in these calls."))]


def _of_leg(one: CleanLeg) -> str:
    told = {"frames": one.frames, "loud": one.non_silent, "keys": one.events, "hash": one.sha256[:12]}
    if one.non_silent or one.events:
        words = _("NOT CLEAN: %(loud)d of %(frames)d frames were not silent, %(keys)d key events (%(hash)s…)")
    else:
        words = _("clean: %(frames)d frames, all silent, no key event (%(hash)s…)")
    return words % told


def earlier(case: Case, item: WorkItem) -> Lines:
    """Other claims of the customer, the newest first."""
    own = PaymentClaim.of(case)
    found = PaymentClaim.objects.filter(customer_id=own.customer_id).exclude(pk=own.pk).select_related("case")
    lines = [(f"{one.case.reference}, {day(one.received_at)}", _outcome(one)) for one in found[:MOST_SHOWN]]
    return lines or [(_("Other claims"), _("None."))]


def _outcome(one: PaymentClaim) -> str:
    decided = str(Verdict(one.verdict).label) if one.live or one.verdict else _("taken back by the customer")
    return f"{one.sum.shown()}: {decided}"


def decision(case: Case, item: WorkItem | None = None) -> Lines:
    """The decision that the customer answers, and their answer."""
    found = PaymentClaim.of(case)
    lines = [
        (_("Decided"), str(Verdict(found.verdict).label)),
        (_("Reasons that the customer has"), found.because),
        (_("The customer answers"), found.answer),
        (_("The credit is taken back on"), moment(found.reverse_on) if found.reverse_on else ""),
    ]
    return [(label, words) for label, words in lines if words]


def day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j F Y")


def moment(at: datetime) -> str:
    return in_full(at)
