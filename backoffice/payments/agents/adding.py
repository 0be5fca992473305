"""A company adds people who order payments for it, and sends their invitations again.

The invitation is a mail with a code that is good once, for a day (NIST SP 800-63A). It holds no link. With the
code, the number of the company's case and their address they open a sign-in on our page (`joining`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import phonenumbers
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice import no_card_numbers
from backoffice.actors import Actor
from backoffice.cases import timeline
from backoffice.cases.answering import Session
from backoffice.cases.confirming import Step, proven
from backoffice.cases.models import Case
from backoffice.cases.opening import check_whose
from backoffice.cases.unit_of_work import changing
from backoffice.cases.ways import CODE_BY_MAIL
from backoffice.customers.addresses import clean_to_reach, index_of, mask
from backoffice.customers.models import ContactKind, ContactPoint
from backoffice.messages.catalogue import code_of
from backoffice.messages.telling import Notice, tell_all
from backoffice.payments.agents.finding import mine, why_not_add
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.agents.rights import CHANGE_AGENTS
from backoffice.payments.merchants.models import Merchant
from backoffice.refusals import Conflict, Invalid
from backoffice.staff.rights import needs
from backoffice.text import kept
from backoffice.trust import codes
from backoffice.trust.models import Code
from workflows.base.spec import Notice as Declared
from workflows.merchant_admission.spec import AGENT_ADDED_NOTICE, AGENT_INVITED_NOTICE, MERCHANT_ADMISSION

ADD = "add_agent"
"""The step for which the company confirms that it is them."""
LENGTH = 14
"""Characters from an alphabet of thirty: more than 64 bits (NIST SP 800-63A)."""
MOST_CODES = 5
"""Codes to one agent: who never gets one has another address."""
_IN_THE_DIAL_PLAN = re.compile(r"\+[0-9]{3,15}|[0-9]{3,6}")
"""A number with its country, or an extension. So short a number leaves the house only to the emergency services, which
are refused by themselves."""


@dataclass(frozen=True)
class NewAgent:
    """A person, as the company names them. `telephone` is an extension or a number with its country."""

    name: str
    mail: str
    telephone: str


@needs(CHANGE_AGENTS)
def add(
    *, merchant: Merchant, new: NewAgent, by: Actor, session: Session | None = None, now: datetime
) -> MerchantAgent:
    """The person may order payments as soon as they have joined. They are written to, and so is the company.

    Raises `NotFound` for another company's merchant, `Conflict` where nobody is added now, `Invalid` on `name`, `mail`
    and `telephone`, and `NeedsProof`.
    """
    with changing(merchant.case_id) as case:
        check_may_add(merchant, by=by)
        name, mail, telephone = _checked(new, merchant)
        by = proven(Step(case.id, ADD), by=by, session=session, now=now)
        agent = MerchantAgent.objects.create(
            merchant=merchant,
            name=name,
            telephone=telephone,
            mail=mail,
            mail_index=index_of(kind=ContactKind.MAIL, value=mail),
            added_at=now,
            added_by=by.id,
        )
        _write_to(case, agent, by=by, now=now)
        tell_company(case, by=by, now=now)
        timeline.note(case, "merchant.agent_added", by=by, data={"agent": str(agent.public_id)}, at=now)
    return agent


@needs(CHANGE_AGENTS)
def invite_again(*, merchant: Merchant, agent_id: UUID, by: Actor, now: datetime) -> None:
    """Sends another code to the same address; the one before works no more. Raises `NotFound`, and `Conflict` for who
    has joined and after too many codes."""
    with changing(merchant.case_id) as case:
        agent = mine(agent_id, merchant=merchant, by=by)
        if agent.user_id is not None:
            raise Conflict("joined", _("They have joined already."))
        if Code.objects.filter(case_id=case.id, action=action_of(agent)).count() >= MOST_CODES:
            sentence = _("We have sent as many codes as we send. Remove them, and add them with another address.")
            raise Conflict("enough_codes", sentence)
        _write_to(case, agent, by=by, now=now)
        timeline.note(case, "merchant.agent_invited_again", by=by, data={"agent": str(agent.public_id)}, at=now)


def action_of(agent: MerchantAgent) -> str:
    """What the code of their invitation is good for."""
    return f"agent:{agent.public_id}"


def joining_page() -> str:
    """The address of the page on which agents join, written so that no mail program makes it a working link."""
    return f"{urlsplit(settings.PUBLIC_URL).netloc}{reverse('portal:merchant_admission:join')}"


def check_may_add(merchant: Merchant, *, by: Actor) -> None:
    """Raises `NotFound` for another company, and `Conflict` where nobody is added now. Call it under the lock of the
    case."""
    check_whose(merchant.company, by=by)
    merchant.refresh_from_db()
    if why_not := why_not_add(merchant):
        raise Conflict("nobody_added", why_not)


def tell_company(case: Case, *, by: Actor, now: datetime) -> None:
    """That somebody or something more may order payments for it: at every address of the last thirty days."""
    told = Notice(_named(AGENT_ADDED_NOTICE), urgent=True, to_old=True)
    _tell(case, told, by=by, now=now)


# --- inside -----------------------------------------------------------------------------------------------------------


def _checked(new: NewAgent, merchant: Merchant) -> tuple[str, str, str]:
    """Name, address and number in their normal form."""
    errors: dict[str, list[str]] = {}
    name, telephone = kept(new.name), re.sub(r"[\s().-]", "", new.telephone)
    if not name:
        errors["name"] = [_("Write the name of the person.")]
    elif no_card_numbers.has_card_number(name):
        errors["name"] = [str(no_card_numbers.SENTENCE)]
    rescues = phonenumbers.connects_to_emergency_number(telephone, merchant.company.country)
    if rescues or not _IN_THE_DIAL_PLAN.fullmatch(telephone):
        errors["telephone"] = [_("Write an extension such as 6001, or a number with its country: +31 20 555 0100.")]
    elif telephone.startswith("+"):
        telephone, refused = _cleaned(ContactKind.PHONE, telephone, "telephone")
        errors |= refused
    mail, refused = _cleaned(ContactKind.MAIL, new.mail, "mail")
    errors |= refused
    here = MerchantAgent.objects.filter(merchant=merchant, removed_at=None)
    if mail and here.filter(mail_index=index_of(kind=ContactKind.MAIL, value=mail)).exists():
        errors["mail"] = [_("Somebody with this address is added already.")]
    if errors:
        raise Invalid(errors)
    return name, mail, telephone


def _cleaned(kind: ContactKind, value: str, field: str) -> tuple[str, dict[str, list[str]]]:
    try:
        return clean_to_reach(kind=kind, value=value, field=field), {}
    except Invalid as invalid:
        return "", invalid.errors


def _write_to(case: Case, agent: MerchantAgent, *, by: Actor, now: datetime) -> None:
    minutes = int(CODE_BY_MAIL.total_seconds() // 60)
    _code, clear = codes.issue(case_id=case.id, action=action_of(agent), minutes=minutes, length=LENGTH, now=now)
    masked = mask(kind=ContactKind.MAIL, value=agent.mail)
    point = ContactPoint(
        customer=case.customer,
        kind=ContactKind.MAIL,
        value=agent.mail,
        value_index=agent.mail_index,
        masked=masked,
    )
    context = {
        "code": codes.in_groups(clear),
        "until": (now + CODE_BY_MAIL).isoformat(),
        "name": agent.merchant.trading_name,
        "agents_page": joining_page(),
    }
    told = Notice(_named(AGENT_INVITED_NOTICE), context, urgent=True, to_new=point)
    _tell(case, told, by=by, now=now)


def _named(notice: Declared) -> str:
    return code_of(notice.name, process=MERCHANT_ADMISSION.name)


def _tell(case: Case, told: Notice, *, by: Actor, now: datetime) -> None:
    tell_all(customer=case.customer, case_id=case.id, case_reference=case.reference, notices=(told,), by=by, now=now)
