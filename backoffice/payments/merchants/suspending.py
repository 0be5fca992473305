"""Suspending a merchant at once, and letting it take payments again by another person."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from backoffice import no_card_numbers
from backoffice.actors import Actor, ActorKind, system
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing
from backoffice.payments.merchants.models import Merchant, MerchantState, SuspendedFor, Suspension
from backoffice.payments.merchants.rights import REINSTATE, SUSPEND
from backoffice.refusals import Conflict, Forbidden, Invalid
from backoffice.staff.rights import needs
from backoffice.text import kept_lines
from workflows.base.spec import Nothing
from workflows.merchant_admission.spec import SUSPENDED

SHORTEST_REMARK = 10


@needs(SUSPEND)
def suspend(*, merchant: Merchant, reason: SuspendedFor, by: Actor, now: datetime, remark: str = "") -> Suspension:
    """From now on (UTC) no payment is ordered for this merchant, and its process asks another person to look into it.
    Suspended twice is suspended once: the suspension in force is given, and nothing is written.

    Raises `Invalid` on `remark` for a person who says too little and for a card number, `Conflict` for a merchant that
    has ended, and `Forbidden` for a role that may not.
    """
    written = kept_lines(remark)
    no_card_numbers.refuse(written, field="remark")
    if by.kind is ActorKind.STAFF and len(written) < SHORTEST_REMARK:
        raise Invalid({"remark": [_("Say it in at least %(least)d characters.") % {"least": SHORTEST_REMARK}]})
    with changing(merchant.case_id) as case:
        locked = Merchant.objects.select_for_update().get(pk=merchant.pk)
        if locked.state == MerchantState.ENDED:
            raise Conflict("ended", _("This merchant has ended. Nobody can order a payment for it."))
        if locked.state == MerchantState.SUSPENDED:
            return in_force(locked)
        locked.state = MerchantState.SUSPENDED
        locked.save(update_fields=["state"])
        actor_id = by.id if by.kind is ActorKind.STAFF else ""
        suspension = Suspension.objects.create(merchant=locked, at=now, reason=reason, remark=written, by=actor_id)
        timeline.note(case, "merchant.suspended", by=by, data={"suspended_for": reason.value}, at=now)
        signal(case, SUSPENDED, Nothing())
    return suspension


@needs(REINSTATE)
def reinstate(*, merchant: Merchant, by: Actor, now: datetime) -> Suspension:
    """The merchant may take payments again. Raises `Conflict` where it is not suspended, and `Forbidden` for whoever
    suspended it."""
    with changing(merchant.case_id) as case:
        locked = Merchant.objects.select_for_update().get(pk=merchant.pk)
        if locked.state != MerchantState.SUSPENDED:
            raise Conflict("not_suspended", _("This merchant is not suspended."))
        suspension = in_force(locked)
        check_another_person(suspension, by=by)
        suspension.lifted_at, suspension.lifted_by = now, by.id
        suspension.save(update_fields=["lifted_at", "lifted_by"])
        locked.state = MerchantState.ADMITTED
        locked.save(update_fields=["state"])
        timeline.note(case, "merchant.reinstated", by=by, at=now)
    return suspension


def check_another_person(suspension: Suspension, *, by: Actor) -> None:
    """Raises `Forbidden` for whoever suspended the merchant: four eyes."""
    if suspension.by and suspension.by == by.id:
        raise Forbidden("four_eyes", _("You suspended this merchant; another person must decide."))


def in_force(merchant: Merchant) -> Suspension:
    """The suspension of a merchant that is suspended."""
    return Suspension.objects.get(merchant=merchant, lifted_at=None)


def on_freeze(case: Case, now: datetime) -> None:
    """While its case is paused a merchant takes no payment. That the case goes on does not lift it: a person does."""
    merchant = Merchant.objects.filter(case=case).exclude(state=MerchantState.ENDED).first()
    if merchant is not None:
        suspend(merchant=merchant, reason=SuspendedFor.PAUSED, by=system(), now=now)
