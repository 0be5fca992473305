"""An invited agent opens a sign-in with the code of the invitation. The code proves that they read the mail, and
nothing else: their company named them, and a second factor is asked of them before they see anything (`acting`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.cases import timeline
from backoffice.cases.parties import NO_CASE
from backoffice.cases.unit_of_work import changing
from backoffice.customers.addresses import index_of
from backoffice.customers.models import ContactKind
from backoffice.payments.agents.adding import action_of
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.merchants.models import Merchant
from backoffice.references import tidy_reference
from backoffice.refusals import Conflict
from backoffice.staff.models import User
from backoffice.staff.new_accounts import check_new
from backoffice.text import kept
from backoffice.trust import codes
from backoffice.trust.limits import Limit, allowed

TRIES = Limit("agents-join", times=10, per=timedelta(hours=1))
"""How many codes may be tried from one network in an hour."""


@dataclass(frozen=True)
class Joining:
    """What the page asks for. `reference` is that of the company's case, as it stands in the mail."""

    reference: str
    mail: str
    code: str
    username: str
    password: str


def join(asked: Joining, *, address: str, now: datetime) -> User:
    """Opens the sign-in of an invited agent, and uses the code up. `address` is the sender's, as `networks.network_of`
    gives it, for the limit of tries. Raises `Conflict` after too many tries, `CannotCount` while they cannot be
    counted, `Invalid` for a user name that is taken or a weak password, and `CodeRefused`, whose words do not say
    whether the number of the case, the address or the code was wrong.
    """
    if not allowed(TRIES, address, now=now):
        raise Conflict("too_many_tries", _("Too many tries. Wait an hour, and try again."))
    check_new(username=asked.username, password=asked.password)
    agent = _waiting(asked)
    if agent is None:
        raise codes.CodeRefused(case_id=NO_CASE, action="join", target="")
    with codes.counting_failures(now), changing(agent.merchant.case_id) as case:
        codes.use_within(case_id=case.id, action=action_of(agent), typed=asked.code, now=now)
        locked = MerchantAgent.objects.select_for_update().get(pk=agent.pk)
        if locked.removed_at is not None or locked.user_id is not None:
            raise codes.CodeRefused(case_id=case.id, action=action_of(agent), target="")
        locked.user = User.objects.create_user(kept(asked.username), password=asked.password)
        locked.joined_at = now
        locked.save(update_fields=["user", "joined_at"])
        by = Actor(kind=ActorKind.OUTSIDE, id=str(agent.public_id), channel=Channel.PORTAL, proof="enrolment_code")
        timeline.note(case, "merchant.agent_joined", by=by, data={"agent": str(agent.public_id)}, at=now)
    return locked.user


def _waiting(asked: Joining) -> MerchantAgent | None:
    merchant = Merchant.objects.filter(case__reference=tidy_reference(asked.reference) or "-").first()
    index = index_of(kind=ContactKind.MAIL, value=asked.mail)
    invited = MerchantAgent.objects.filter(merchant=merchant, mail_index=index, user=None, removed_at=None)
    return invited.select_related("merchant").first() if merchant else None
