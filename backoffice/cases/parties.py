"""Second parties to a case: naming, inviting and joining.

A party is a customer's record, with or without an account. A party with an account signs in as always and finds the
case there. A party without one gets a code by mail, good once and for a day (NIST SP 800-63A, enrolment codes by mail).
They type it on our page for invitations, and choose how to sign in from then on. The code proves only that they read
the mail; the level of each work item says what else they must prove.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind, system
from backoffice.cases import catalogue, timeline
from backoffice.cases.models import Case, CaseState, Party
from backoffice.cases.unit_of_work import changing
from backoffice.customers import contact_points, registering, searching
from backoffice.customers.addresses import index_of
from backoffice.customers.models import ContactKind, Customer, CustomerKind
from backoffice.languages import offered
from backoffice.messages.telling import tell
from backoffice.references import tidy_reference
from backoffice.refusals import Conflict, Invalid
from backoffice.staff import rights
from backoffice.staff.models import User
from backoffice.text import kept
from backoffice.trust import codes
from backoffice.trust.limits import Limit, allowed
from workflows.base.spec import PARTY_ASKED, PARTY_INVITED

INVITATION_LASTS = timedelta(hours=24)
CODE_LENGTH = 14
"""Characters from an alphabet of thirty: more than 64 bits (NIST SP 800-63A)."""
TRIES = Limit("invitations", times=10, per=timedelta(hours=1))
"""How many codes may be tried from one network in an hour."""


@dataclass(frozen=True)
class Invited:
    """Whom the opener of a case names as a party: their name, and their mail address. Of an organisation, the person is
    who speaks for it, and may be left out."""

    given_name: str
    family_name: str
    mail: str
    organisation_name: str = ""


def invite(case: Case, *, role: str, whom: Invited, by: Actor, now: datetime, field: str = "") -> Party:
    """Makes somebody a party to the case, inside the transaction that opens it, and writes to them.

    The person who names them does not learn whether they have an account. Raises `Invalid` on `field` for something
    that is no mail address, and for the address of the case's own customer.
    """
    if not any(one.name == role for one in catalogue.spec(case.process).parties):
        raise ValueError(f"{case.process} has no party {role!r}")
    known = [found for found in searching.find(text=whom.mail) if _is_reached_at(found, whom.mail)]
    customer = next((found for found in known if found.user_id), None) or _registered(case, whom, now=now, field=field)
    if customer.pk == case.customer_id:
        raise Invalid({field: [_("This is your own address. Name the other party.")]})
    party = Party.objects.create(root_id=case.root_id_or_own, role=role, customer=customer, invited_at=now)
    timeline.note(case, "party.invited", by=by, data={"party": role}, at=now)
    _write_to(case, party, by=by, now=now)
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
    """Sends a new code to a party who has not joined yet. It behaves the same for everybody who asks and returns
    nothing, so nobody learns from it who is a party to what."""
    now = now or timezone.now()
    case, party = _waiting_party(reference, mail)
    if case is None or party is None:
        return
    with changing(case.id) as locked:
        _write_to(locked, party, by=by, now=now)


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
    _check_account(asked)
    case, party = _waiting_party(asked.reference, asked.mail)
    if case is None or party is None:
        raise codes.CodeRefused(case_id=_NO_CASE, action="join", target="")
    with codes.counting_failures(now), changing(case.id) as locked:
        codes.use_within(case_id=case.id, action=_action(party), typed=asked.code, now=now)
        user = User.objects.create_user(kept(asked.username), password=asked.password)
        if not Customer.objects.filter(pk=party.customer_id, user=None).update(user=user):
            raise Conflict("joined", _("This invitation was used already. Sign in as you always do."))
        party.customer.user = user
        party.joined_at = now
        party.save(update_fields=["joined_at"])
        _verified(party.customer, now=now)
        by = Actor(kind=ActorKind.CUSTOMER, id=str(party.customer.public_id), proof="enrolment_code")
        timeline.note(locked, "party.joined", by=by, data={"party": party.role}, at=now)
    return user, case


# --- inside -----------------------------------------------------------------------------------------------------------

_NO_CASE = UUID(int=0)


def _action(party: Party) -> str:
    return f"join:{party.role}"


def _is_reached_at(customer: Customer, mail: str) -> bool:
    point = contact_points.current(customer=customer, kind=ContactKind.MAIL)
    return point is not None and point.value_index == index_of(kind=ContactKind.MAIL, value=mail)


def _registered(case: Case, whom: Invited, *, now: datetime, field: str) -> Customer:
    """A record without an account. Language, country and time zone are those of the case's customer until the party
    says otherwise."""
    person = f"{whom.given_name} {whom.family_name}".strip()
    is_company = bool(whom.organisation_name)
    particulars = registering.Particulars(
        kind=CustomerKind.ORGANISATION if is_company else CustomerKind.PERSON,
        given_name="" if is_company else whom.given_name,
        family_name="" if is_company else whom.family_name,
        organisation_name=whom.organisation_name,
        contact_person=person if is_company else "",
        country=case.customer.country,
        language=offered(case.customer.language),
        time_zone=case.customer.time_zone,
        contacts={ContactKind.MAIL: whom.mail},
    )
    try:
        return registering.register(particulars=particulars, by=system(), now=now)
    except Invalid as invalid:
        raise Invalid({field: [said for sentences in invalid.errors.values() for said in sentences]}) from None


def _write_to(case: Case, party: Party, *, by: Actor, now: datetime) -> None:
    notice, context = PARTY_ASKED, {}
    if party.customer.user_id is None:
        minutes = int(INVITATION_LASTS.total_seconds() // 60)
        _code, clear = codes.issue(case_id=case.id, action=_action(party), minutes=minutes, length=CODE_LENGTH, now=now)
        notice = PARTY_INVITED
        context = {"code": codes.in_groups(clear), "until": (now + INVITATION_LASTS).isoformat()}
    tell(
        customer=party.customer,
        case_id=case.id,
        case_reference=case.reference,
        template=notice.name,
        context=context,
        channels=("mail",),
        by=by,
        now=now,
    )


def _waiting_party(reference: str, mail: str) -> tuple[Case, Party] | tuple[None, None]:
    case = Case.objects.filter(reference=tidy_reference(reference) or "-").exclude(state=CaseState.CLOSED).first()
    if case is None:
        return None, None
    waiting = Party.objects.filter(root_id=case.root_id_or_own, customer__user=None).select_related("customer")
    party = next((one for one in waiting if _is_reached_at(one.customer, mail)), None)
    return (case, party) if party else (None, None)


def _check_account(asked: Joining) -> None:
    errors: dict[str, list[str]] = {}
    name = kept(asked.username)
    if not name:
        errors["username"] = [_("Choose a name to sign in with.")]
    elif User.objects.filter(username__iexact=name).exists():
        errors["username"] = [_("Somebody else has this name. Choose another one.")]
    try:
        validate_password(asked.password, User(username=name))
    except ValidationError as weak:
        errors["password"] = list(weak.messages)
    if errors:
        raise Invalid(errors)


def _verified(customer: Customer, *, now: datetime) -> None:
    """The code was sent to this address, so the address is theirs."""
    point = contact_points.current(customer=customer, kind=ContactKind.MAIL)
    if point is not None:
        contact_points.verify(point=point, how="enrolment_code", by=system(), now=now)
