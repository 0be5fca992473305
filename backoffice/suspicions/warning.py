"""What a published warning may show. It cannot identify a victim: it is in our own words, without an address, a number
or a name of anybody, and its number and address are those of the fraud, and of no customer of ours. It never names us.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from backoffice.customers.addresses import index_of
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.refusals import Invalid
from backoffice.staff.models import User
from backoffice.suspicions.models import Suspicion
from backoffice.text import words_of
from backoffice.trust.extracting import extract
from backoffice.trust.likeness import Likeness, counts, likeness_of
from backoffice.trust.models import FraudWarning
from backoffice.trust.warnings import publish

LONGEST_SHOWN = timedelta(days=90)
SHORTEST_WORDS = 20
MOST_DIGITS = 5
"""A longer row of digits in the words of a warning may be somebody's number."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a warning shows. `until` is when it ends (UTC)."""

    words: str
    until: datetime
    number: str = ""
    address: str = ""
    host: str = ""


def published(group: Suspicion, words: Words, *, user: User, now: datetime) -> FraudWarning:
    """Publishes the warning that an analyst decided on: part of that rule. Raises what `check_words` raises."""
    check_words(group, words, now=now)
    warning = FraudWarning(
        source=group.id,
        channel=group.channel,
        words=words.words,
        number=words.number,
        address=words.address,
        host=words.host,
        published_at=now,
        until=words.until,
        by=user,
    )
    named = likeness_of("\n".join((words.number, words.address, f"https://{words.host}/" if words.host else "")))
    publish(warning, Likeness(named.phones, named.mails, named.hosts, tuple(group.sketch)))
    return warning


def check_words(group: Suspicion, words: Words, *, now: datetime) -> None:
    """Raises `Invalid` on the fields of a warning that could identify a victim, lead to the fraud, or name us."""
    faults = {
        "words": _fault_of_words(group, words.words),
        "number": _fault_of_value(ContactKind.PHONE, words.number),
        "address": _fault_of_value(ContactKind.MAIL, words.address),
        "host": _fault_of_host(words.host),
        "until": "" if now < words.until <= now + LONGEST_SHOWN else _("Choose a day within the next 90 days."),
    }
    if errors := {name: [said] for name, said in faults.items() if said}:
        raise Invalid(errors)


def _fault_of_words(group: Suspicion, words: str) -> str:
    found = extract(words)
    if len(words) < SHORTEST_WORDS:
        return _("Say in your own words what it says and how it comes: at least %(least)d characters.") % {
            "least": SHORTEST_WORDS
        }
    if found.mails or found.phones or found.hosts or found.references:
        return _("Leave addresses, numbers, links and references out of the words: they have their own fields.")
    if any(len(word) > MOST_DIGITS and word.isdigit() for word in words_of(words)):
        return _("Leave long numbers out: they may be somebody's.")
    return why_not_named(group, words)


def why_not_named(group: Suspicion, words: str) -> str:
    """Says so where words that others read name who reported it; empty where they do not."""
    return _("This names a customer who reported it. Leave the name out.") if _names_somebody(group, words) else ""


def _names_somebody(group: Suspicion, words: str) -> bool:
    """Whether a family name of somebody who reported it is among the words, or the name of an organisation as a
    whole: a part of that may be any word. “Jansen's” names Jansen."""
    said = words_of(words)
    named = {*said, *(word.removesuffix("s") for word in said)}
    phrase = f" {' '.join(said)} "
    customers = Customer.objects.filter(suspicious_reports__group=group)
    for family_name, organisation in customers.values_list("family_name", "organisation_name").distinct():
        if any(len(part) > 2 and part in named for part in words_of(family_name)):
            return True
        whole = " ".join(words_of(organisation))
        if whole and (f" {whole} " in phrase or f" {whole}s " in phrase):
            return True
    return False


def _fault_of_value(kind: ContactKind, value: str) -> str:
    if not value:
        return ""
    found = likeness_of(value)
    read = found.phones if kind == ContactKind.PHONE else found.mails
    if list(read) != [value]:
        return (
            _("Write one whole number with its country, like +31201234567. It must not be ours.")
            if kind == ContactKind.PHONE
            else _("Write one whole mail address in small letters. It must not be ours.")
        )
    if ContactPoint.objects.filter(kind=kind, value_index=index_of(kind=kind, value=value)).exists():
        return _("A customer of ours has this, or had it: it may be forged. It cannot be published.")
    return ""


def _fault_of_host(host: str) -> str:
    if not host:
        return ""
    if list(likeness_of(f"https://{host}/").hosts) != [host] or not counts(host):
        return _("Write one internet address alone, like secure-help.example. It must not be ours, nor everybody's.")
    return ""
