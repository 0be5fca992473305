"""Second parties to a case: naming, inviting and joining.

A party is a customer's record, with or without an account. A party with an account signs in as always and finds the
case there. A party without one gets a code that is good once: by mail, by letter, or from the hand of the one who named
them (`ways`). They type it on our page for invitations, and choose how to sign in from then on. The code proves only
that they read the mail or the letter, or that the other one wants them; the level of each work item says what else they
must prove. Whoever was not written to by mail first gives an address of their own (`claiming`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind, system
from backoffice.cases import catalogue, party_codes, timeline
from backoffice.cases.models import Case, CaseState, Party
from backoffice.cases.unit_of_work import changing
from backoffice.cases.ways import Way
from backoffice.customers import contact_points, registering, searching
from backoffice.customers.addresses import index_of
from backoffice.customers.models import ContactKind, Customer, CustomerKind
from backoffice.customers.postal import PostalAddress
from backoffice.languages import offered
from backoffice.references import tidy_reference
from backoffice.refusals import Conflict, Invalid
from backoffice.staff import rights
from backoffice.staff.models import User
from backoffice.staff.new_accounts import check_new
from backoffice.text import kept
from backoffice.trust import codes
from backoffice.trust.limits import Limit, allowed

NO_CASE = UUID(int=0)
"""For the refusal of a code when there is no case that it could be of."""
TRIES = Limit("invitations", times=10, per=timedelta(hours=1))
"""How many codes may be tried from one network in an hour."""


@dataclass(frozen=True)
class Invited:
    """Whom the opener of a case names as a party: their name, and how they get to know of it. `mail` may be left out
    where a code goes by letter to `address`, or by hand. Of an organisation, the person is who speaks for it, and may
    be left out too."""

    given_name: str
    family_name: str
    mail: str = ""
    organisation_name: str = ""
    way: Way = Way.MAIL
    address: PostalAddress | None = None


def invite(case: Case, *, role: str, whom: Invited, by: Actor, now: datetime, field: str = "") -> Party:
    """Makes somebody a party to the case, inside the transaction that opens it, and writes to them; a code to hand over
    is made later, by who hands it over (`handing_over`).

    The person who names them does not learn whether they have an account. Raises `Invalid` on `field` for something
    that is no mail address, for none where one is needed, and for the address of the case's own customer; and on the
    parts of an address that no letter reaches, or on `line1` without one.
    """
    if not any(one.name == role for one in catalogue.spec(case.process).parties):
        raise ValueError(f"{case.process} has no party {role!r}")
    _check_way(whom, field=field)
    known = [found for found in searching.find(text=whom.mail) if _is_reached_at(found, whom.mail)] if whom.mail else []
    customer = next((found for found in known if found.user_id), None) or _registered(case, whom, now=now, field=field)
    if customer.pk == case.customer_id:
        raise Invalid({field: [_("This is your own address. Name the other party.")]})
    root = case.root_id_or_own
    party = Party.objects.create(root_id=root, role=role, customer=customer, way=whom.way, invited_at=now)
    timeline.note(case, INVITED[whom.way], by=by, data={"party": role}, at=now)
    party_codes.write_to(case, party, by=by, now=now)
    return party


def of_case(case: Case) -> dict[str, Party]:
    """The parties of the case's family by their role."""
    found = Party.objects.filter(root_id=case.root_id_or_own).select_related("customer")
    return {party.role: party for party in found}


def role_of(case: Case, customer: Customer) -> str:
    """The role in which the customer is a party to the case; empty where they are none."""
    found = Party.objects.filter(root_id=case.root_id_or_own, customer=customer).values_list("role", flat=True).first()
    return found or ""


@rights.needs(rights.INVITE_AGAIN)
def invite_again(*, reference: str, mail: str, by: Actor, now: datetime | None = None) -> None:
    """Sends a new code to a party who has not joined yet: to the mail address that was invited, or to the one that they
    gave themselves. It behaves the same for everybody who asks and returns nothing, so nobody learns from it who is a
    party to what."""
    now = now or timezone.now()
    case, party = _waiting_party(reference, mail)
    if case is None or party is None:
        return
    with changing(case.id) as locked:
        if not party_codes.is_claimed(party, mail):
            party_codes.write_to(locked, party, by=by, now=now)
        elif party_codes.proofs_of(party).count() < party_codes.MOST_PROOFS:
            party_codes.prove_mail(locked, party, str(party.claimed_mail), now=now)


@dataclass(frozen=True)
class Joining:
    """What the page of invitations asks for."""

    reference: str
    mail: str
    code: str
    username: str
    password: str


def join(asked: Joining, *, address: str, now: datetime | None = None) -> tuple[User, Case]:
    """Opens the account of an invited party, and uses the code up. `address` is the sender's, as `networks.network_of`
    gives it, for the limit of tries. Raises `Conflict` after too many tries, `CannotCount` while they cannot be
    counted, `Invalid` for a user name that is taken or a weak password, and `CodeRefused`, whose words do not say
    whether the reference, the address or the code was wrong.
    """
    now = now or timezone.now()
    if not allowed(TRIES, address, now=now):
        raise Conflict("too_many_tries", _("Too many tries. Wait an hour, and try again."))
    check_new(username=asked.username, password=asked.password)
    case, party = _waiting_party(asked.reference, asked.mail)
    if case is None or party is None:
        raise codes.CodeRefused(case_id=NO_CASE, action="join", target="")
    with codes.counting_failures(now), changing(case.id) as locked:
        codes.use_within(case_id=party.root_id, **_code_of(party), typed=asked.code, now=now)
        user = User.objects.create_user(kept(asked.username), password=asked.password)
        if not Customer.objects.filter(pk=party.customer_id, user=None).update(user=user):
            raise Conflict("joined", _("This invitation was used already. Sign in as you always do."))
        party.customer.user = user
        _verified(party, now=now)
        by = Actor(kind=ActorKind.CUSTOMER, id=str(party.customer.public_id), proof="enrolment_code")
        note_joined(locked, party, event="party.joined", by=by, now=now)
    return user, case


def note_joined(case: Case, party: Party, *, event: str, by: Actor, now: datetime) -> None:
    """The party has joined, and no code of theirs is good any more."""
    codes.void(case_id=party.root_id, action=party_codes.action(party), now=now)
    codes.void(case_id=party.root_id, action=party_codes.proof_action(party), now=now)
    party.joined_at, party.claimed_mail = now, None
    party.save(update_fields=["customer", "joined_at", "claimed_mail"])
    timeline.note(case, event, by=by, data={"party": party.role, "way": party.way}, at=now)


def waiting(reference: str) -> tuple[Case | None, list[Party]]:
    """The open case of this reference, and its parties who have no account yet."""
    found = Case.objects.filter(reference=tidy_reference(reference) or "-").select_related("customer")
    case = found.filter(state__in=(CaseState.OPEN, CaseState.FROZEN)).first()
    if case is None:
        return None, []
    without = Party.objects.filter(root_id=case.root_id_or_own, customer__user=None).select_related("customer")
    return case, list(without.order_by("pk"))


# --- inside -----------------------------------------------------------------------------------------------------------

INVITED = {Way.MAIL: "party.invited", Way.HAND: "party.named", Way.LETTER: "party.invited_by_letter"}


def _check_way(whom: Invited, *, field: str) -> None:
    if whom.way is Way.MAIL and not whom.mail:
        raise Invalid({field: [_("We need an e-mail address to write to.")]})
    if whom.way is Way.LETTER and whom.address is None:
        raise Invalid({"line1": [_("We need the postal address to which the letter goes.")]})


def _code_of(party: Party) -> dict[str, str]:
    """Which code opens the account: that of our mail, or the one that proves the party's own address."""
    if party.claimed_mail is None:
        return {"action": party_codes.action(party)}
    target = index_of(kind=ContactKind.MAIL, value=party.claimed_mail)
    return {"action": party_codes.proof_action(party), "target": target}


def _is_reached_at(customer: Customer, mail: str) -> bool:
    point = contact_points.current(customer=customer, kind=ContactKind.MAIL)
    return point is not None and point.value_index == index_of(kind=ContactKind.MAIL, value=mail)


def _registered(case: Case, whom: Invited, *, now: datetime, field: str) -> Customer:
    """A record without an account. Language, country and time zone are those of the case's customer until the party
    says otherwise."""
    person = f"{whom.given_name} {whom.family_name}".strip()
    is_company = bool(whom.organisation_name)
    contacts: dict[str, Any] = {ContactKind.MAIL: whom.mail} if whom.mail else {}
    if whom.way is Way.LETTER:
        contacts[ContactKind.POSTAL] = whom.address
    particulars = registering.Particulars(
        kind=CustomerKind.ORGANISATION if is_company else CustomerKind.PERSON,
        given_name="" if is_company else whom.given_name,
        family_name="" if is_company else whom.family_name,
        organisation_name=whom.organisation_name,
        contact_person=person if is_company else "",
        country=case.customer.country,
        language=offered(case.customer.language),
        time_zone=case.customer.time_zone,
        contacts=contacts,
    )
    try:
        return registering.register(particulars=particulars, by=system(), now=now)
    except Invalid as invalid:
        raise _on_fields(invalid, field) from None


def _on_fields(invalid: Invalid, field: str) -> Invalid:
    """Each fault on its field of the opening: the parts of an address on their own, all else on `field`."""
    errors: dict[str, list[str]] = {}
    for name, sentences in invalid.errors.items():
        _kind, is_part, part = name.partition("postal_")
        errors.setdefault(part if is_part else field, []).extend(sentences)
    return Invalid(errors)


def _waiting_party(reference: str, mail: str) -> tuple[Case, Party] | tuple[None, None]:
    """Who was invited at this mail address, or gave it as their own."""
    case, parties = waiting(reference)
    for one in parties:
        invited = one.way == Way.MAIL and _is_reached_at(one.customer, mail)
        if case is not None and (invited or party_codes.is_claimed(one, mail)):
            return case, one
    return None, None


def _verified(party: Party, *, now: datetime) -> None:
    """A code was sent to these addresses, so they are theirs. A mail address of their own takes the place of the one
    that the other party had named."""
    how, by, customer = "enrolment_code", system(), party.customer
    if party.claimed_mail is not None:
        contact_points.supersede(
            customer=customer, kind=ContactKind.MAIL, value=party.claimed_mail, how=how, by=by, now=now
        )
    for kind in (ContactKind.MAIL, ContactKind.POSTAL) if party.way == Way.LETTER else (ContactKind.MAIL,):
        point = contact_points.current(customer=customer, kind=kind)
        if point is not None:
            contact_points.verify(point=point, how=how, by=by, now=now)
