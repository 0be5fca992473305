"""The process "a bill whose payment was taken back by a bank": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor
from backoffice.cases.catalogue import BoundItem, Headline, Process
from backoffice.cases.models import Case
from backoffice.payments.bills import disputes
from backoffice.payments.bills.models import BillDispute
from backoffice.telephony.live import teams
from workflows.bill_dispute import spec
from workflows.bill_dispute.story import BillDispute as Story

_NOBODY_STOPS_IT = _("The money is with the payer's bank, which decides. Nothing can be stopped here.")


def headline(case: Case) -> Headline:
    """True in every state: what became of the money, and what that means for the bill."""
    told = {"reference": case.subject}
    row = BillDispute.objects.filter(case=case).first()
    if row is not None and row.won:
        title = _t("Your bill %(reference)s was paid after all") % told
        return Headline(title, _t("The payer's bank gave the money back. You have nothing to do."))
    lead = _t(
        "Somebody had paid it by card, and their bank took the money back. We do not know who it was. Pay the "
        "bill as it says; it is with your bills."
    )
    return Headline(_t("Your bill %(reference)s is open again") % told, lead)


def summary(case: Case) -> str:
    row = BillDispute.objects.filter(case=case).first()
    return row.money.shown() if row else ""


def about(case: Case) -> str:
    return _t("It is about a payment of a bill of yours that a bank took back.")


def why_not_stop(case: Case, by: Actor) -> str:
    return str(_NOBODY_STOPS_IT)


PROCESS = Process(
    spec=spec.BILL_DISPUTE,
    story=Story,
    prepare=disputes.prepare,
    items=(BoundItem(spec.ANSWER_BANK, disputes.BankForm, disputes.answered),),
    headline=headline,
    summary=summary,
    about=about,
    evidence={spec.DISPUTED_BILL.name: disputes.evidence},
    never_frozen=_NOBODY_STOPS_IT,
    why_not_stop=why_not_stop,
)
teams.name(spec.BILL_DISPUTE.name, _("the billing team"))
