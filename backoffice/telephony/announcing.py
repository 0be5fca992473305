"""A call is announced before anything is dialled: its row and that of the contact register are there first, so that the
customer can look whether it is us."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind
from backoffice.customers.models import ContactPoint, Customer
from backoffice.refusals import Conflict, Forbidden
from backoffice.staff.models import User
from backoffice.staff.rights import needs
from backoffice.telephony import budget, numbers, rights
from backoffice.telephony.models import Call, CallState
from backoffice.trust import register
from backoffice.trust.models import Contact, ContactChannel


@needs(rights.MAKE_CALLS)
def announce(
    *,
    customer: Customer,
    point: ContactPoint,
    purpose: str,
    matter: str,
    case_id: uuid.UUID | None,
    case_reference: str,
    agent: User,
    asked_by_customer: bool,
    key: str,
    by: Actor,
    now: datetime,
) -> Call:
    """Writes a call that `agent` is about to make, with its row of the register. The same `key` again returns the same
    call.

    `purpose` is a code, `matter` is what the budget counts by (see `models.Call`), `now` is aware. Raises `Forbidden`
    for a call in another's name, `Conflict` on `number` when it may not be called, `budget.Spent` when the budget is,
    and `Conflict` while the agent has a call that is not wrapped up, or for a key that was used for something else.
    """
    check_own_name(by, agent)
    with transaction.atomic():
        lock_agent(agent)
        if (known := Call.objects.filter(key=key).select_related("contact").first()) is not None:
            return _the_same(known, customer, point, agent)
        refuse_second(agent)
        check_number(customer=customer, point=point, now=now)
        budget.reserve(customer=customer, matter=matter, now=now, asked_by_customer=asked_by_customer)
        contact = Contact(
            customer=customer,
            case_id=case_id,
            case_reference=case_reference,
            channel=ContactChannel.CALL,
            purpose=purpose,
            address_masked=point.masked,
            address_index=point.value_index,
            by=agent,
            at=now,
        )
        register.register(contacts=[contact])
        return Call.objects.create(
            contact=contact,
            customer=customer,
            point=point,
            agent=agent,
            purpose=purpose,
            matter=matter,
            case_id=case_id,
            case_reference=case_reference,
            asked_by_customer=asked_by_customer,
            key=key,
            announced_at=now,
            times={CallState.ANNOUNCED.value: now.isoformat()},
        )


def unwrapped(agent: User) -> Call | None:
    """The agent's call that is not wrapped up yet; they have at most one."""
    return Call.objects.filter(agent=agent, wrapped_at=None).select_related("contact", "customer", "point").first()


def check_own_name(by: Actor, agent: User) -> None:
    """Raises `Forbidden` when a person acts in the name of another."""
    if by.kind is ActorKind.STAFF and by.id != str(agent.public_id):
        raise Forbidden("not_you", _("Nobody acts in the name of another."))


def lock_agent(agent: User) -> None:
    """Two calls of one agent wait for each other."""
    User.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=agent.pk)


def refuse_second(agent: User) -> None:
    """Raises `Conflict` while the agent has a call that is not wrapped up."""
    if (call := unwrapped(agent)) is not None:
        sentence = _("Your call %(reference)s is not wrapped up yet. Write down what came of it first.")
        raise Conflict("not_wrapped_up", sentence % {"reference": call.contact.reference})


def check_number(*, customer: Customer, point: ContactPoint, now: datetime) -> None:
    """Raises `Conflict` on `number` when this number is not the customer's, or may not be called."""
    if point.customer_id != customer.pk:
        raise Conflict("number_refused", _("This number is not on file for this customer."), field="number")
    if refusal := numbers.why_not(point, now=now):
        raise Conflict("number_refused", refusal, field="number")


def _the_same(known: Call, customer: Customer, point: ContactPoint, agent: User) -> Call:
    if (known.customer_id, known.point_id, known.agent_id) != (customer.pk, point.pk, agent.pk):
        raise Conflict("key_used", _("This key was used for another call."))
    return known
