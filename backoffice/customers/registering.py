"""Enters a new customer: all particulars are checked together, then written together."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

import phonenumbers
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from backoffice import no_card_numbers
from backoffice.actors import Actor
from backoffice.customers import addresses, birth_dates, contact_points, names, national_ids, phrases
from backoffice.customers.models import ContactKind, Customer, CustomerKind
from backoffice.customers.postal import PostalAddress
from backoffice.refusals import Invalid
from backoffice.staff import rights
from backoffice.staff.models import User
from backoffice.text import kept

NAMES = ("given_name", "family_name", "organisation_name", "contact_person")
LONGEST_NAME = 200


@dataclass(frozen=True)
class Particulars:
    """Who a customer is. A person has one name or more; an organisation may have a contact person. `country` is
    ISO 3166-1, `time_zone` a name of the IANA database; `contacts` and `national_ids` map each kind to its value, a
    postal address in its parts. `reached_since` says since when the contacts are theirs (UTC)."""

    kind: str = CustomerKind.PERSON
    given_name: str = ""
    family_name: str = ""
    organisation_name: str = ""
    contact_person: str = ""
    birth_date: str = ""
    country: str = "NL"
    language: str = "en"
    time_zone: str = "Europe/Amsterdam"
    contacts: Mapping[str, str | PostalAddress] = field(default_factory=dict)
    national_ids: Mapping[str, str] = field(default_factory=dict)
    verified_how: str = ""
    reached_since: datetime | None = None


@rights.needs(rights.REGISTER)
def register(*, particulars: Particulars, by: Actor, now: datetime, user: User | None = None) -> Customer:
    """Writes the customer, their contact points, ids and a phrase of their own. `now` is UTC.

    Raises Invalid with every fault on its field, Forbidden for whom the policy table leaves out, and
    Conflict when another customer gets the same national id at this very moment.
    """
    errors = faults(particulars, today=now.date())
    if errors:
        raise Invalid(errors)
    with transaction.atomic():
        customer = Customer.objects.create(
            user=user,
            kind=particulars.kind,
            given_name=kept(particulars.given_name),
            family_name=kept(particulars.family_name),
            organisation_name=kept(particulars.organisation_name),
            contact_person=kept(particulars.contact_person),
            birth_date=_born(particulars, now.date()),
            country=particulars.country,
            language=particulars.language,
            time_zone=particulars.time_zone,
            phrase=phrases.new_phrase(),
        )
        names.index_names(customer)
        _enter_contacts(customer, particulars, by, now)
        for kind, number in particulars.national_ids.items():
            national_ids.add(customer=customer, kind=kind, number=number, field=kind)
    return customer


def _enter_contacts(customer: Customer, particulars: Particulars, by: Actor, now: datetime) -> None:
    """A part of `register`, which has just made the customer. One who exists gets an address by a contact change."""
    for kind, value in particulars.contacts.items():
        how, since = particulars.verified_how, particulars.reached_since
        point = contact_points.drafted(customer=customer, kind=kind, value=value, how=how, now=now, since=since)
        point.recorded_by, point.recorded_through = by.id, by.channel
        point.save(force_insert=True)


def faults(particulars: Particulars, *, today: date) -> dict[str, list[str]]:
    """What is wrong with the particulars: sentences for each field; empty when nothing is."""
    errors: dict[str, list[str]] = {}
    for check in (_name_faults, _birth_faults, _place_faults, _contact_faults, _number_faults):
        for name, sentences in check(particulars, today).items():
            errors.setdefault(name, []).extend(sentences)
    return errors


def _name_faults(particulars: Particulars, _today: date) -> dict[str, list[str]]:
    errors = _lengths(particulars) | _card_numbers(particulars)
    if particulars.kind == CustomerKind.PERSON:
        if not kept(f"{particulars.given_name}{particulars.family_name}"):
            errors["family_name"] = [_("Enter a name. One is enough for a person who has one.")]
        if kept(particulars.contact_person):
            errors["contact_person"] = [_("Only an organisation has a contact person.")]
    elif particulars.kind == CustomerKind.ORGANISATION:
        if not kept(particulars.organisation_name):
            errors["organisation_name"] = [_("Enter this name.")]
    else:
        errors["kind"] = [_("Choose person or organisation.")]
    return errors


def _born(particulars: Particulars, today: date) -> str:
    typed = kept(particulars.birth_date)
    return birth_dates.clean(typed, today=today) if typed else ""


def _lengths(particulars: Particulars) -> dict[str, list[str]]:
    sentence = _("We can keep at most %(most)d characters of a name.") % {"most": LONGEST_NAME}
    return {name: [sentence] for name in NAMES if len(kept(getattr(particulars, name))) > LONGEST_NAME}


def _card_numbers(particulars: Particulars) -> dict[str, list[str]]:
    """Nobody is called so: it was typed into the wrong field."""
    sentences = [str(no_card_numbers.SENTENCE)]
    return {name: sentences for name in NAMES if no_card_numbers.has_card_number(kept(getattr(particulars, name)))}


def _birth_faults(particulars: Particulars, today: date) -> dict[str, list[str]]:
    if kept(particulars.birth_date) and particulars.kind == CustomerKind.ORGANISATION:
        return {"birth_date": [_("An organisation has no birth date.")]}
    try:
        _born(particulars, today)
    except Invalid as refused:
        return refused.errors
    return {}


@cache
def _time_zones() -> frozenset[str]:
    """All that this machine knows. To list them reads the first bytes of six hundred files."""
    return frozenset(zoneinfo.available_timezones())


def _place_faults(particulars: Particulars, _today: date) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if particulars.country not in phonenumbers.SUPPORTED_REGIONS:
        errors["country"] = [_("This is not a country. Write its two letters: NL.")]
    if particulars.language not in dict(settings.LANGUAGES):
        errors["language"] = [_("We do not write in this language yet.")]
    if particulars.time_zone not in _time_zones():
        errors["time_zone"] = [_("This is not a time zone. It reads like Europe/Amsterdam.")]
    return errors


def _contact_faults(particulars: Particulars, _today: date) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for kind, value in particulars.contacts.items():
        if kind not in ContactKind.values:
            errors[kind] = [_("Choose e-mail, telephone or postal address.")]
            continue
        try:
            if isinstance(value, PostalAddress):
                contact_points.written(customer=_named(particulars), kind=kind, value=value, prefix=f"{kind}_")
            else:
                addresses.clean_to_reach(kind=kind, value=value, country=particulars.country, field=kind)
        except Invalid as refused:
            errors |= refused.errors
    return errors


def _named(particulars: Particulars) -> Customer:
    """The customer to be, as far as a letter names them."""
    return Customer(kind=particulars.kind, **{name: kept(getattr(particulars, name)) for name in NAMES})


def _number_faults(particulars: Particulars, _today: date) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for kind, number in particulars.national_ids.items():
        try:
            written = national_ids.clean(kind=kind, number=number, field=kind)
            national_ids.check_owner(kind=kind, customer_kind=particulars.kind, field=kind)
            national_ids.check_free(kind=kind, number=written, field=kind)
        except Invalid as refused:
            errors |= refused.errors
    return errors
