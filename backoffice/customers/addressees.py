"""Whose name is on a letter and on its label: people with one name or many, organisations with a contact person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from backoffice.customers import postal
from backoffice.customers.models import Customer, CustomerKind
from backoffice.customers.postal import LONGEST_LINE, PostalAddress
from backoffice.customers.postal_rules import is_latin
from backoffice.refusals import Invalid


@dataclass(frozen=True, repr=False)
class Label:
    """What stands on a carrier's label above the town. Personal data: it has no repr."""

    name: str
    line1: str
    line2: str = ""


def names_of(customer: Customer) -> list[str]:
    """The names on a letter, whole; an organisation's contact person is on a line of their own."""
    return [line for line in (customer.name, _attention(customer)) if line]


def letter_to(customer: Customer, address: PostalAddress) -> list[str]:
    """The addressee and the address, line by line, as they are printed on a letter from us."""
    return postal.formatted(address, names=names_of(customer))


def check(customer: Customer, address: PostalAddress, *, prefix: str = "") -> None:
    """Raises Invalid on `recipient` when nobody abroad could read who the letter is for."""
    if not is_latin(customer.name) and not address.recipient:
        sentence = _("The customer's name is not in Latin letters. Write it here in Latin letters, for the post.")
        raise Invalid({f"{prefix}recipient": [sentence]})


def label(customer: Customer, address: PostalAddress) -> Label:
    """The label of a carrier, for an address that `postal.check` and `check` have passed.

    A name is shortened by a rule, never cut within a word that could stand whole: see `fitted`. The contact person of
    an organisation stands behind its name if there is room, else above the street, else only on the letter. A name
    that is not in Latin letters is replaced by the recipient line.
    """
    if not is_latin(customer.name):
        lines = postal.on_label(_without_recipient(address)) or ()
        return Label(fitted("", address.recipient), *lines)
    attention = _attention(customer)
    both = f"{customer.name}, {attention}"
    if attention and len(both) <= LONGEST_LINE and is_latin(both):
        return Label(both, *(postal.on_label(address) or ()))
    above = postal.on_label(address, above=attention) if is_latin(attention) else None
    if customer.kind == CustomerKind.ORGANISATION:
        name = fitted("", customer.organisation_name)
    else:
        name = fitted(customer.given_name, customer.family_name)
    return Label(name, *(above or postal.on_label(address) or ()))


def fitted(given: str, family: str) -> str:
    """The name in at most 45 characters: whole; else with initials for the given names but the first; else for all;
    else the words that fit, from the first; and only a single longer word is cut."""
    for written in _shorter_and_shorter(given.split(), family):
        if len(written) <= LONGEST_LINE:
            return written
    fitting = ""
    for word in re.findall(r"[^\s-]+-?\s*", written):
        if len((fitting + word).rstrip(" -")) > LONGEST_LINE:
            break
        fitting += word
    return fitting.rstrip(" -") or written[:LONGEST_LINE]


def _shorter_and_shorter(given: Sequence[str], family: str) -> Iterator[str]:
    yield " ".join([*given, family]).strip()
    yield " ".join([*given[:1], *map(_initial, given[1:]), family]).strip()
    yield " ".join([*map(_initial, given), family]).strip()


def _initial(name: str) -> str:
    return f"{name[0]}."


def _attention(customer: Customer) -> str:
    if customer.kind != CustomerKind.ORGANISATION or not customer.contact_person:
        return ""
    return _("attn. %(person)s") % {"person": customer.contact_person}


def _without_recipient(address: PostalAddress) -> PostalAddress:
    return postal.of_parts(address.parts | {"recipient": ""})
