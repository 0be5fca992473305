"""Who acts for an organisation: entered from an extract of its register, ended, and asked by the processes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.customers import national_ids
from backoffice.customers.models import Act, Customer, CustomerKind, May, NationalId, Representative
from backoffice.customers.registering import LONGEST_NAME
from backoffice.refusals import Conflict, Invalid
from backoffice.staff import rights
from backoffice.text import kept

FRESH_MONTHS = 3
"""An extract that is older proves nothing any more (processes.md, domain cession on paper)."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What an extract says of one person. `number` is theirs, of the kind `number_kind`; both may be empty."""

    name: str
    may: str
    acts: Collection[str]
    extract_of: date
    number_kind: str = ""
    number: str = ""


@rights.needs(rights.REPRESENT)
def enter(*, organisation: Customer, entry: Entry, by: Actor, now: datetime) -> Representative:
    """Enters a representative (`now` is UTC), and ends an earlier entry of the same number. Who is a customer of ours,
    by this number, is linked to their own record. Raises `Invalid` with every fault on its field."""
    errors, number = _faults(organisation, entry, today=now.date())
    if errors:
        raise Invalid(errors)
    index = national_ids.index_of(kind=entry.number_kind, number=number) if number else ""
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=organisation.pk)
        if index:
            same = in_force(organisation).filter(number_kind=entry.number_kind, number_index=index)
            same.update(until=now)
        return Representative.objects.create(
            organisation=organisation,
            name=kept(entry.name),
            person=_person(entry.number_kind, index),
            number_kind=entry.number_kind,
            number=number,
            number_index=index,
            may=entry.may,
            acts=sorted(set(entry.acts)),
            extract_of=entry.extract_of,
            since=now,
            recorded_by=by.id,
            recorded_through=by.channel,
        )


@rights.needs(rights.REPRESENT)
def end(*, representative: Representative, by: Actor, now: datetime) -> Representative:
    """Notes that they no longer act for the organisation. Raises `Conflict` when that was noted before."""
    ended = Representative.objects.filter(pk=representative.pk, until=None).update(until=now)
    if not ended:
        raise Conflict("ended_before", _("It is noted already that they no longer act for this organisation."))
    representative.until = now
    return representative


def in_force(organisation: Customer) -> QuerySet[Representative]:
    return Representative.objects.filter(organisation=organisation, until=None)


def of_number(*, organisation: Customer, kind: str, number: str) -> Representative | None:
    """The representative in force with this number; None for a number that nobody has, or that is none."""
    try:
        written = national_ids.clean(kind=kind, number=number)
    except Invalid:
        return None
    index = national_ids.index_of(kind=kind, number=written)
    return in_force(organisation).filter(number_kind=kind, number_index=index).first()


def can_bind(people: Collection[Representative], act: Act) -> bool:
    """Whether these people together can do this in the name of the organisation that all of them act for: one who may
    alone, or two."""
    able = {one.pk: one for one in people if act in one.acts and one.until is None}
    if len({one.organisation_id for one in able.values()}) > 1:
        return False
    return any(one.may == May.ALONE for one in able.values()) or len(able) > 1


def who_may(organisation: Customer, act: Act) -> list[Representative]:
    """Those in force who can do this in its name, alone or together with another one, by their names."""
    return list(in_force(organisation).filter(acts__contains=[act]).order_by("name", "pk"))


def needs_two(organisation: Customer, act: Act) -> bool:
    """Whether, by the extract on file, only two people together can do this in its name. Not where nobody is on file
    who can."""
    found = who_may(organisation, act)
    return bool(found) and all(one.may == May.JOINTLY for one in found)


def is_fresh(extract_of: date, today: date) -> bool:
    """Whether an extract of that day still counts: for three months, to the day."""
    return extract_of <= today and _months_later(extract_of, FRESH_MONTHS) >= today


def _months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def _person(kind: str, index: str) -> Customer | None:
    held = (
        NationalId.objects.filter(kind=kind, number_index=index).select_related("customer").first() if index else None
    )
    return held.customer if held and held.customer.kind == CustomerKind.PERSON else None


def _faults(organisation: Customer, entry: Entry, *, today: date) -> tuple[dict[str, list[str]], str]:
    """What is wrong, by field, and the number in its normal form."""
    errors: dict[str, list[str]] = {}
    if organisation.kind != CustomerKind.ORGANISATION:
        errors[""] = [_("Only an organisation has representatives.")]
    if not kept(entry.name):
        errors["name"] = [_("Enter this name.")]
    elif len(kept(entry.name)) > LONGEST_NAME:
        errors["name"] = [_("We can keep at most %(most)d characters of a name.") % {"most": LONGEST_NAME}]
    if entry.may not in May.values:
        errors["may"] = [_("Choose whether they may act alone.")]
    if not entry.acts or not set(entry.acts) <= set(Act.values):
        errors["acts"] = [_("Choose at least one thing that they may do.")]
    if entry.extract_of > today:
        errors["extract_of"] = [_("An extract is not from the future.")]
    number = ""
    try:
        number = _number(entry)
    except Invalid as refused:
        errors |= refused.errors
    return errors, number


def _number(entry: Entry) -> str:
    if not entry.number_kind and not kept(entry.number):
        return ""
    if entry.number_kind in national_ids.OF_ORGANISATIONS:
        raise Invalid({"number": [_("A person has no %(kind)s.") % {"kind": entry.number_kind}]})
    return national_ids.clean(kind=entry.number_kind, number=entry.number)
