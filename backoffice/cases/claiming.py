"""Joining with a code that did not come by mail: from the hand of the other party, or by letter.

Who has no account gives a mail address of their own first, and gets another code there; with that one they open the
account (`parties.join`). Who has one signs in and types the code there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.cases import parties, party_codes, timeline
from backoffice.cases.models import Case, Party, WorkItem
from backoffice.cases.opening import check_whose
from backoffice.cases.unit_of_work import changing
from backoffice.cases.ways import Way
from backoffice.customers import addresses, contact_points
from backoffice.customers.models import ContactKind, Customer
from backoffice.refusals import Conflict, Invalid
from backoffice.staff import rights
from backoffice.text import folded
from backoffice.trust import codes
from backoffice.trust.limits import allowed


@dataclass(frozen=True)
class Claiming:
    """What the page for these codes asks for."""

    reference: str
    code: str
    mail: str


def claim(asked: Claiming, *, address: str, now: datetime | None = None) -> None:
    """Sends a code to the mail address of who has the code of an invitation, which stays good until they have joined.
    `address` is the sender's, for the limit of tries.

    Raises `Conflict` after too many tries or codes, `CannotCount` while tries cannot be counted, `Invalid` on `mail`
    for no address and for one of the case's own customer, and `CodeRefused`, whose words are the same whatever was
    wrong.
    """
    now = now or timezone.now()
    _count_try(address, now)
    mail = addresses.clean(kind=ContactKind.MAIL, value=asked.mail, field="mail")
    case, found = parties.waiting(asked.reference)
    found = [party for party in found if party.way != Way.MAIL]

    def claimed(locked: Case, party: Party) -> None:
        _check_not_openers(locked.customer, mail)
        party_codes.prove_mail(locked, party, mail, now=now)
        by = Actor(kind=ActorKind.OUTSIDE, id="invitation page", channel=Channel.PORTAL)
        timeline.note(locked, "party.gave_mail", by=by, data={"party": party.role}, at=now)

    _with_code(case, found, asked.code, claimed, now=now)


@rights.needs(rights.JOIN)
def join_with_account(
    *, reference: str, code: str, customer: Customer, by: Actor, address: str, now: datetime | None = None
) -> Case:
    """Makes a customer who has an account the party to whom the code was given, and uses it up. Their name must be that
    of who was named. Raises what `claim` raises, `Conflict` for the case's own customer, for who is a party to it
    already, and for another name."""
    now = now or timezone.now()
    check_whose(customer, by=by)
    _count_try(address, now)
    case, found = parties.waiting(reference)
    if case is not None and case.customer_id == customer.pk:
        raise Conflict("own_case", _("This is your own case. The code is for the other party."))

    def joined(locked: Case, party: Party) -> None:
        if parties.role_of(locked, customer):
            raise Conflict("joined", _("You take part in this case already. It is on your first page."))
        if not _is_named(customer, party.customer):
            sentence = _("The invitation names somebody else than your account does. Ask who named you to name you so.")
            raise Conflict("other_name", sentence)
        _give_items(locked, party.customer, customer)
        party.customer = customer
        parties.note_joined(locked, party, event="party.joined_with_account", by=by, now=now)

    return _with_code(case, found, code, joined, now=now)


def _count_try(address: str, now: datetime) -> None:
    if not allowed(parties.TRIES, address, now=now):
        raise Conflict("too_many_tries", _("Too many tries. Wait an hour, and try again."))


def _with_code(
    case: Case | None, found: list[Party], typed: str, then: Callable[[Case, Party], None], *, now: datetime
) -> Case:
    """Does `then` for the party whose code it is. A wrong one counts as a try for each party that it could be of."""
    refused = codes.CodeRefused(case_id=parties.NO_CASE, action="join", target="")
    if case is None:
        raise refused
    for party in found:
        try:
            with codes.counting_failures(now), changing(case.id) as locked:
                codes.check_within(case_id=party.root_id, action=party_codes.action(party), typed=typed, now=now)
                then(locked, party)
                return locked
        except codes.CodeRefused as wrong:
            refused = wrong
    raise refused


def _check_not_openers(opener: Customer, mail: str) -> None:
    """A case has two parties: the second one cannot be reached where the first one is."""
    point = contact_points.current(customer=opener, kind=ContactKind.MAIL)
    if point is not None and point.value_index == addresses.index_of(kind=ContactKind.MAIL, value=mail):
        raise Invalid({"mail": [_("This is the address of who named you. Give one of your own.")]})


def _is_named(customer: Customer, named: Customer) -> bool:
    return customer.kind == named.kind and folded(customer.name).split() == folded(named.name).split()


def _give_items(case: Case, before: Customer, customer: Customer) -> None:
    """What was asked of the record that the invitation had made is asked of the customer."""
    root = case.root_id_or_own
    WorkItem.objects.filter(Q(case_id=root) | Q(case__root_id=root), party=before).update(party=customer)
