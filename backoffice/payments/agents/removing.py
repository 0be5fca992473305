"""A company takes somebody away who ordered payments for it, or one of its machines."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from knox.models import AuthToken

from backoffice.actors import Actor
from backoffice.cases import timeline
from backoffice.cases.unit_of_work import changing
from backoffice.payments.agents.adding import action_of
from backoffice.payments.agents.finding import mine
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.agents.rights import CHANGE_AGENTS
from backoffice.payments.merchants.models import Merchant
from backoffice.staff.rights import needs
from backoffice.trust import codes


@needs(CHANGE_AGENTS)
def remove(*, merchant: Merchant, agent_id: UUID, by: Actor, now: datetime) -> MerchantAgent:
    """From now on (UTC) they order nothing and see nothing: the sign-in is switched off, which ends its sessions at
    their next request, tokens are deleted, and the code of an invitation works no more. Their orders go on. No proof is
    asked: who removes the wrong person can invite them again. Raises `NotFound`."""
    with changing(merchant.case_id) as case:
        agent = mine(agent_id, merchant=merchant, by=by)
        codes.void(case_id=case.id, action=action_of(agent), now=now)
        if agent.user is not None:
            AuthToken.objects.filter(user=agent.user).delete()
            agent.user.is_active = False
            agent.user.save(update_fields=["is_active"])
        agent.user, agent.removed_at, agent.removed_by = None, now, by.id
        agent.save(update_fields=["user", "removed_at", "removed_by"])
        timeline.note(case, "merchant.agent_removed", by=by, data={"agent": str(agent.public_id)}, at=now)
    return agent
