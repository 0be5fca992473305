"""Other terms of a merchant's payouts, by two people: one proposes them, another decides.

A new account is how a thief would take a shop's income. So it counts only by a second person, the company is told at
all its addresses, and for `terms.COOLING` nothing is paid to anybody: time enough to call us, who suspend the merchant.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from backoffice.actors import Actor, system
from backoffice.cases import incidents, timeline
from backoffice.cases.models import Case, IncidentKind
from backoffice.cases.unit_of_work import changing
from backoffice.messages.catalogue import code_of
from backoffice.messages.telling import Notice, tell_all
from backoffice.payments.merchants.models import Merchant, MerchantState, PayoutProposal
from backoffice.payments.merchants.rights import DECIDE_TERMS, PROPOSE_TERMS
from backoffice.payments.merchants.terms import COOLING, Terms, masked
from backoffice.refusals import Conflict, Forbidden, NotFound
from backoffice.staff.rights import needs
from backoffice.trust.models import ContactChannel
from workflows.merchant_admission.spec import MERCHANT_ADMISSION, PAYOUT_ACCOUNT_NOTICE, PAYOUT_TERMS_NOTICE

NO_ACCOUNT, ACCOUNT_REFUSED = "no_payout_account", "payout_account_refused"
"""The alarms of a merchant whose money cannot be paid out (`payouts.freeing`)."""


@needs(PROPOSE_TERMS)
def propose(*, merchant: Merchant, terms: Terms, by: Actor, now: datetime) -> PayoutProposal:
    """The merchant is paid as before until another person has decided. `now` is UTC. Raises `Conflict` where another
    proposal waits, where nothing would change, and for a merchant that has ended."""
    with changing(merchant.case_id) as case:
        locked = Merchant.objects.select_for_update().get(pk=merchant.pk)
        if locked.state == MerchantState.ENDED:
            raise Conflict("ended", _("This merchant has ended."))
        if locked.payout_proposals.filter(decided_at=None).exists():
            raise Conflict("proposed", _("A proposal waits already. It must be decided first."))
        if terms == locked.terms:
            raise Conflict("as_before", _("This is how they are paid now. Change something, or leave it."))
        proposal = PayoutProposal.objects.create(
            merchant=locked,
            account=terms.account,
            fee_fixed=terms.fixed.minor,
            fee_points=terms.points,
            delay=terms.delay,
            proposed_at=now,
            proposed_by=by.id,
        )
        _note(case, "merchant.payout_proposed", proposal, by=by, now=now)
    return proposal


@needs(DECIDE_TERMS)
def decide(*, proposal_id: int, accepted: bool, by: Actor, now: datetime) -> PayoutProposal:
    """Another person says yes or no. With a yes the terms count from now on (UTC); an account that is new is paid
    nothing for `COOLING`, and the company is told. Raises `NotFound`, `Conflict` for one that is decided, and
    `Forbidden` for whoever proposed it."""
    found = PayoutProposal.objects.select_related("merchant").filter(pk=proposal_id).first()
    if found is None:
        raise NotFound("unknown_proposal", _("There is no such proposal."))
    with changing(found.merchant.case_id) as case:
        merchant = Merchant.objects.select_for_update().get(pk=found.merchant_id)
        proposal = PayoutProposal.objects.get(pk=proposal_id)
        if proposal.decided_at is not None:
            raise Conflict("decided", _("This was decided already. Nothing was changed."))
        if proposal.proposed_by == by.id:
            raise Forbidden("four_eyes", _("You proposed this; another person must decide."))
        proposal.decided_at, proposal.decided_by, proposal.accepted = now, by.id, accepted
        proposal.save(update_fields=["decided_at", "decided_by", "accepted"])
        kind = "merchant.payout_accepted" if accepted else "merchant.payout_declined"
        _note(case, kind, proposal, by=by, now=now)
        if accepted:
            _take(case, merchant, proposal, by=by, now=now)
    return proposal


def _take(case: Case, merchant: Merchant, proposal: PayoutProposal, *, by: Actor, now: datetime) -> None:
    is_new = proposal.account != merchant.payout_account
    merchant.payout_account, merchant.fee_fixed = proposal.account, proposal.fee_fixed
    merchant.fee_points, merchant.payout_delay = proposal.fee_points, proposal.delay
    if is_new:
        merchant.payout_cools_until = now + COOLING if proposal.account else None
        for alarm in (NO_ACCOUNT, ACCOUNT_REFUSED):
            incidents.resolve(case, IncidentKind.ALARM, by=system(), key=alarm, at=now)
    merchant.save(update_fields=["payout_account", "fee_fixed", "fee_points", "payout_delay", "payout_cools_until"])
    _tell(case, new_account=is_new, by=by, now=now)


def _tell(case: Case, *, new_account: bool, by: Actor, now: datetime) -> None:
    """Of a new account also at the addresses of the last thirty days: whoever changed it may have changed these."""
    if new_account:
        template = code_of(PAYOUT_ACCOUNT_NOTICE.name, process=MERCHANT_ADMISSION.name)
        channels = (ContactChannel.MAIL, ContactChannel.SMS)
        until = {"until": (now + COOLING).isoformat()}
        notice = Notice(template, until, channels=channels, urgent=True, to_old=True)
    else:
        notice = Notice(code_of(PAYOUT_TERMS_NOTICE.name, process=MERCHANT_ADMISSION.name))
    tell_all(customer=case.customer, case_id=case.id, case_reference=case.reference, notices=(notice,), by=by, now=now)


def _note(case: Case, kind: str, proposal: PayoutProposal, *, by: Actor, now: datetime) -> None:
    terms = proposal.terms
    data = {
        "account": masked(terms.account),
        "fixed": terms.fixed.shown("en"),
        "points": str(terms.points),
        "days": str(terms.delay),
    }
    timeline.note(case, kind, by=by, data=data, at=now)
