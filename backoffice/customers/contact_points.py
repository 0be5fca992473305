"""How a customer is reached, since when, and whether that can be trusted. An address is never overwritten: a new one
supersedes it (a trigger in the database refuses anything else). So notices still reach the old address, and the age of
a number can be counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.customers import addressees, postal
from backoffice.customers.addresses import clean_to_reach, ending_index_of, index_of, mask
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.customers.postal import PostalAddress
from backoffice.refusals import Conflict, Invalid
from backoffice.staff import rights
from backoffice.statements import Select
from backoffice.text import kept

PHONE_AGE = timedelta(days=7)
"""A younger number is no factor (NIST SP 800-63B, restricted authenticators on the telephone network)."""
RISK_AGE = timedelta(days=30)
"""An address that changed within this time makes a case risky (card reissue, contact change)."""

ENDINGS = {4: "last_four_index", 6: "last_six_index"}
"""The column for each number of last digits. Four are what people read out; a million numbers share each some hundred
times, so a search by more digits starts from six."""

_IN_FORCE = Select(lambda customer: ContactPoint.objects.filter(customer=customer, superseded_at=None), -1)


def current(*, customer: Customer, kind: str) -> ContactPoint | None:
    """The address of this kind that is in force; None when there is none."""
    return currents(customer=customer).get(kind)


def currents(*, customer: Customer) -> dict[str, ContactPoint]:
    """All addresses in force, by their kind, in one query."""
    return {point.kind: point for point in _IN_FORCE(customer.pk)}


def postal_lines(customer: Customer) -> tuple[str, ...]:
    """Their postal address in force, by lines; empty without one."""
    point = current(customer=customer, kind=ContactKind.POSTAL)
    address = point.address if point else None
    if address is not None:
        return tuple(postal.formatted(address, names=[]))
    return tuple(str(point.value).splitlines()) if point else ()


def unchecked(*, customer: Customer) -> ContactPoint | None:
    """The postal address in force, if its parts were split by a guess and nobody has looked at them since."""
    point = current(customer=customer, kind=ContactKind.POSTAL)
    return point if point and point.parts_checked_at is None else None


def may_check_parts(customer: Customer, by: Actor) -> bool:
    """Whether there are parts to check, and this person may."""
    return rights.CHECK_PARTS.allows(by) and unchecked(customer=customer) is not None


def _reached(customer: int, or_since: Q) -> QuerySet[ContactPoint]:
    """Without the addresses themselves, which are sealed."""
    found = ContactPoint.objects.filter(Q(superseded_at=None) | or_since, customer=customer)
    return found.only("kind", "masked", "value_index", "superseded_at").order_by("-superseded_at")


_REACHED = Select(lambda customer: _reached(customer, Q()), -1)
_REACHED_SINCE = Select(
    lambda customer, since: _reached(customer, Q(superseded_at__gte=since, verified_at__isnull=False)),
    -1,
    datetime.min.replace(tzinfo=UTC),
)


@dataclass(frozen=True)
class Reach:
    """Where messages to a customer go. The addresses themselves are read only when one of them is asked for."""

    in_force: Mapping[str, ContactPoint]
    """By their kind."""
    earlier: Sequence[ContactPoint] = ()
    """Verified addresses that were superseded after `since`: each address once, the latest first."""


def reach_of(*, customer: Customer, since: datetime | None = None) -> Reach:
    """The addresses in force, and those that were superseded after `since`, in one query.

    Notices of a change go to the earlier ones too (ICANN, NIST).
    """
    points = _REACHED(customer.pk) if since is None else _REACHED_SINCE(customer.pk, since)
    in_force = {point.kind: point for point in points if point.superseded_at is None}
    earlier: dict[str, ContactPoint] = {}
    for point in points:
        if point.superseded_at is not None:
            earlier.setdefault(point.value_index, point)
    return Reach(in_force, tuple(earlier.values()))


@rights.needs(rights.SUPERSEDE)
def supersede(
    *, customer: Customer, kind: str, value: str | PostalAddress, how: str, by: Actor, now: datetime
) -> ContactPoint:
    """Puts a new address in force from `now` (UTC) and keeps the old one as superseded: the last step of the process
    that changes an address. The first ones of a new customer come with `registering.register`.

    `how` says how it was proven to be the customer's, e.g. "branch"; empty means not yet, see `verify`. Giving the
    address in force again changes nothing and returns it, unless a SIM swap was marked on it: then its age starts
    again. A postal address that was split by a guess counts as checked when it is given again in its parts.

    Raises Invalid on `kind`, `value` or a part of a postal address (see `postal.check`), Forbidden for everybody but
    the process.
    """
    new = drafted(customer=customer, kind=kind, value=value, how=how, now=now)
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        old = current(customer=customer, kind=kind)
        if old and _is_same(old, new) and old.sim_swapped_at is None:
            return _with_checked_parts(old, new, now)
        if old:
            ContactPoint.objects.filter(pk=old.pk).update(superseded_at=now)
        new.recorded_by, new.recorded_through = by.id, by.channel
        new.save(force_insert=True)
        if old:
            ContactPoint.objects.filter(pk=old.pk).update(superseded_by=new)
    return new


def drafted(
    *,
    customer: Customer,
    kind: str,
    value: str | PostalAddress,
    how: str,
    now: datetime,
    since: datetime | None = None,
) -> ContactPoint:
    """An address that is not on file: nothing is written. `since` says since when it is theirs, else from `now` (UTC).

    Raises Invalid on `kind`, `value`, `since` or a part of a postal address.
    """
    if kind not in ContactKind.values:
        raise Invalid({"kind": [_("Choose e-mail, telephone or postal address.")]})
    if since is not None and since > now:
        raise Invalid({"since": [_("This day is in the future. Say since when the address is theirs.")]})
    return ContactPoint(
        customer=customer,
        kind=kind,
        **written(customer=customer, kind=kind, value=value),
        parts_checked_at=now if kind == ContactKind.POSTAL else None,
        since=since or now,
        verified_at=now if kept(how) else None,
        verified_how=kept(how),
    )


def endings_of(*, kind: str, value: str) -> dict[str, str]:
    """The columns by which a telephone number is found by its last digits; empty for other addresses."""
    if kind != ContactKind.PHONE:
        return {}
    return {name: ending_index_of(value=value, digits=digits) for digits, name in ENDINGS.items()}


def written(*, customer: Customer, kind: str, value: str | PostalAddress, prefix: str = "") -> dict[str, str]:
    """The columns of an address in its normal form. `prefix` is for the parts of a postal address. Raises Invalid on
    `value` or a part."""
    if isinstance(value, PostalAddress) and kind == ContactKind.POSTAL:
        address = postal.check(value, prefix=prefix)
        addressees.check(customer, address, prefix=prefix)
        text = postal.text_of(address)
        index = index_of(kind=kind, value=f"{text} {address.country}")
        return {"value": text, "value_index": index, "masked": postal.mask(address), "parts": postal.stored(address)}
    plain = clean_to_reach(kind=kind, value=value if isinstance(value, str) else "", country=customer.country)
    return {
        "value": plain,
        "value_index": index_of(kind=kind, value=plain),
        "masked": mask(kind=kind, value=plain),
        **endings_of(kind=kind, value=plain),
    }


def _is_same(old: ContactPoint, new: ContactPoint) -> bool:
    """A postal address whose parts nobody has checked is the same when its words are; where one part ends and the next
    begins may be wrong in it."""
    if old.kind != ContactKind.POSTAL:
        return old.value_index == new.value_index
    before, given = old.address, new.address
    assert given is not None
    if old.parts_checked_at is not None:
        return before is not None and postal.same_parts(before, given)
    guessed = before.country if before else old.customer.country
    return guessed == given.country and postal.same_words(old.value, given)


def _with_checked_parts(point: ContactPoint, given: ContactPoint, now: datetime) -> ContactPoint:
    if point.kind == ContactKind.POSTAL and point.parts_checked_at is None:
        point.parts, point.parts_checked_at = given.parts, now
        point.save(update_fields=["parts", "parts_checked_at"])
    return point


@rights.needs(rights.CHECK_PARTS)
def check_parts(*, customer: Customer, value: PostalAddress, by: Actor, now: datetime) -> ContactPoint:
    """Puts right where the parts of a postal address begin and end that were split from a text by a guess. It stays the
    same address, as old and as proven as before.

    Raises Conflict when there is none to check, Invalid on a part that cannot be (see `postal.check`) and on `line1`
    for any other words than those on file, Forbidden for whom the policy table leaves out.
    """
    given = drafted(customer=customer, kind=ContactKind.POSTAL, value=value, how="", now=now)
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        point = unchecked(customer=customer)
        if point is None:
            raise Conflict("nothing_to_check", _("There is nothing to check: no address here was split by a guess."))
        if not _is_same(point, given):
            sentence = _("These are not the words that we have. For another address, open a contact change.")
            raise Invalid({"line1": [sentence]})
        return _with_checked_parts(point, given, now)


@rights.needs(rights.SUPERSEDE)
def verify(*, point: ContactPoint, how: str, by: Actor, now: datetime) -> ContactPoint:
    """Notes that the address was proven to be the customer's, and how.

    Raises Invalid on `how`, Forbidden for whom the policy table leaves out, Conflict when the address is no longer in
    force.
    """
    if not kept(how):
        raise Invalid({"how": [_("Say how it was verified.")]})
    changed = ContactPoint.objects.filter(pk=point.pk, superseded_at=None).update(
        verified_at=now, verified_how=kept(how)
    )
    if not changed:
        raise Conflict("superseded", _("This address was replaced by another in the meantime."))
    point.refresh_from_db()
    return point


@rights.needs(rights.MARK_SIM)
def mark_sim_swapped(*, point: ContactPoint, by: Actor, now: datetime) -> ContactPoint:
    """Notes that the number's SIM was swapped or the number ported: it is no longer a factor, whatever its age. Anybody
    may report this, also an operator's signal, because it only takes trust away. The first mark stays. A contact change
    restores trust, also to the same number, whose age then starts again. Raises Conflict when the point is no telephone
    number in force.
    """
    if point.kind != ContactKind.PHONE:
        raise Invalid({"kind": [_("Only a telephone number has a SIM.")]})
    numbers = ContactPoint.objects.filter(pk=point.pk, superseded_at=None)
    with transaction.atomic():
        if not numbers.select_for_update().exists():
            raise Conflict("superseded", _("This number was replaced by another in the meantime."))
        numbers.filter(sim_swapped_at=None).update(sim_swapped_at=now, sim_swap_noted_by=by.id or by.kind)
    point.refresh_from_db()
    return point


def days_unchanged(*, customer: Customer, kind: str, now: datetime) -> int | None:
    """Whole days since the address in force became theirs; None when there is none."""
    point = current(customer=customer, kind=kind)
    return (now - point.since).days if point else None


def phone_is_old_enough(*, customer: Customer, now: datetime) -> bool:
    """Whether the number may be a factor: verified, unchanged for seven days, not marked as swapped or ported."""
    point = current(customer=customer, kind=ContactKind.PHONE)
    if point is None or point.verified_at is None or point.sim_swapped_at is not None:
        return False
    return now - point.since >= PHONE_AGE


def changed_within(*, customer: Customer, now: datetime, days: int = RISK_AGE.days) -> frozenset[ContactKind]:
    """The kinds of address that changed in the last `days`, or had a SIM swap; empty when there are none."""
    begin = now - timedelta(days=days)
    return frozenset(
        ContactKind(kind)
        for kind, point in currents(customer=customer).items()
        if point.since > begin or (point.sim_swapped_at and point.sim_swapped_at > begin)
    )
