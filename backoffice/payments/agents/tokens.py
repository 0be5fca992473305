"""Tokens with which a company's machines order payments at the API. Each is shown once and kept as a hash (knox)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from knox.models import AuthToken

from backoffice import no_card_numbers
from backoffice.actors import Actor
from backoffice.cases import timeline
from backoffice.cases.answering import Session
from backoffice.cases.confirming import Step, proven
from backoffice.cases.unit_of_work import changing
from backoffice.payments.agents.adding import check_may_add, tell_company
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.agents.rights import CHANGE_AGENTS
from backoffice.payments.merchants.models import Merchant
from backoffice.refusals import Invalid
from backoffice.staff.models import User
from backoffice.staff.rights import needs
from backoffice.text import kept

MAKE = "make_token"
"""The step for which the company confirms that it is them."""
GOOD_FOR = timedelta(days=365)


@dataclass(frozen=True)
class Made:
    """`clear` is the token, which nobody can get again; `until` is when it ends (UTC)."""

    machine: MerchantAgent
    clear: str
    until: datetime


@needs(CHANGE_AGENTS)
def make_token(*, merchant: Merchant, name: str, by: Actor, session: Session | None = None, now: datetime) -> Made:
    """A token for one machine, by a name that says which. It orders payments for this merchant and sees its orders, and
    nothing else. `removing.remove` takes it away at once.

    Raises `NotFound` for another company's merchant, `Conflict` where nobody is added now, `Invalid` on `name`, and
    `NeedsProof`.
    """
    with changing(merchant.case_id) as case:
        check_may_add(merchant, by=by)
        called = _checked(name, merchant)
        by = proven(Step(case.id, MAKE), by=by, session=session, now=now)
        user = User(username=f"machine-{uuid.uuid4()}")
        user.set_unusable_password()
        user.save()
        machine = MerchantAgent.objects.create(
            merchant=merchant, user=user, name=called, is_machine=True, added_at=now, added_by=by.id, joined_at=now
        )
        token, clear = AuthToken.objects.create(user=user, expiry=GOOD_FOR)
        tell_company(case, by=by, now=now)
        timeline.note(case, "merchant.token_made", by=by, data={"agent": str(machine.public_id)}, at=now)
    return Made(machine, clear, token.expiry)


def ends_of(machines: Sequence[MerchantAgent]) -> Mapping[int, datetime]:
    """When the token of each machine ends or has ended (UTC), by the machine's row; one that ended may be deleted."""
    found = AuthToken.objects.filter(user__merchant_agent__in=machines)
    return dict(found.values_list("user__merchant_agent__pk", "expiry"))


def _checked(name: str, merchant: Merchant) -> str:
    called = kept(name)
    if not called:
        raise Invalid({"name": [_("Write which machine it is for.")]})
    no_card_numbers.refuse(called, field="name")
    if MerchantAgent.objects.filter(merchant=merchant, is_machine=True, removed_at=None, name=called).exists():
        raise Invalid({"name": [_("Another token has this name.")]})
    return called
