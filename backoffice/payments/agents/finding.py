"""Agents of a merchant, as their company sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases.models import Case
from backoffice.cases.opening import check_whose
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.merchants.models import Merchant, MerchantState
from backoffice.refusals import NotFound
from backoffice.staff.models import User

MOST_AGENTS = 200
"""Of a merchant at the same time, machines included."""


def agent_of(user: User) -> MerchantAgent | None:
    """Whose sign-in this is; None for everybody else, and for who was removed."""
    found = MerchantAgent.objects.filter(user=user, removed_at=None).select_related("merchant", "merchant__company")
    return found.first()


def names_of(ids: set[str]) -> Mapping[str, str]:
    """Names of agents for staff, by their opaque ids, with their merchant. Ids of others are left out."""
    known = [one for one in ids if _is_uuid(one)]
    found = MerchantAgent.objects.filter(public_id__in=known).select_related("merchant") if known else ()
    return {str(agent.public_id): f"{agent.name} ({agent.merchant.trading_name})" for agent in found}


def merchant_of(case: Case) -> Merchant:
    """The merchant that an admission made. Raises `NotFound` before there is one."""
    found = Merchant.objects.filter(case=case).select_related("company", "case").first()
    if found is None:
        raise NotFound("unknown_merchant", _("There is no such merchant."))
    return found


def of_merchant(merchant: Merchant) -> Sequence[MerchantAgent]:
    """Those who are not removed: people first, by their names."""
    here = MerchantAgent.objects.filter(merchant=merchant, removed_at=None)
    return list(here.select_related("user").order_by("is_machine", "name", "pk")[:MOST_AGENTS])


def mine(agent_id: UUID, *, merchant: Merchant, by: Actor) -> MerchantAgent:
    """One of them, locked, for its company. Raises `NotFound` for another merchant's, and for who was removed."""
    check_whose(merchant.company, by=by)
    here = MerchantAgent.objects.filter(merchant=merchant, removed_at=None, public_id=agent_id)
    found = here.select_for_update().first()
    if found is None:
        raise NotFound("unknown_agent", _("There is no such agent. Perhaps they were removed already."))
    return found


def why_not_add(merchant: Merchant) -> str:
    """The sentence that says why nobody is added now; empty when somebody may be."""
    if merchant.state == MerchantState.SUSPENDED:
        return _("While we have suspended your company, nobody is added. You can remove people.")
    if merchant.state == MerchantState.ENDED:
        return _("Your company is no merchant of ours any more.")
    if len(of_merchant(merchant)) >= MOST_AGENTS:
        return _("There are %(most)d already. Remove somebody first.") % {"most": MOST_AGENTS}
    return ""


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
