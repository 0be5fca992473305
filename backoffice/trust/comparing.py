"""Compares a text with a message that we sent, and finds what no message of ours has.

A copied reference proves nothing: a message may quote one of ours and still link elsewhere or ask for a secret. So the
message that we sent is composed again. A *mark* is a sign of fraud. A *doubt* has harmless causes too (somebody passed
the message on, the customer has changed their phrase), so with a doubt the agent compares.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from backoffice.customers.addresses import index_of
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.messages import composing
from backoffice.messages.catalogue import is_known, kind_of
from backoffice.text import folded, words_of
from backoffice.trust import our_words
from backoffice.trust.extracting import Extracted, asks_for, mails_in, names_secrets, run_of
from backoffice.trust.models import Contact, ContactChannel

WORDS_OF_A_MESSAGE = 20
"""A shorter text may be what somebody says about a message, and not the message."""
SHARE_OF_A_MESSAGE = 0.5
"""The content matches when at least this share of the words is there that only this message has."""
WORDS_ADDED = 5
"""More words that we did not write make a text doubtful. An address in a greeting, or "sent from my phone", is less."""
SHOWN_ADDED = 25
_TO_CALL = re.compile(
    r"\b(?:call|ring|dial|phone)(?: (?:us|now|back|immediately)\b|[ :]{1,3}[+(]?\d)"
    r"|\bbelt? (?:ons|nu|naar|terug)\b|\bzadzwon\b"
)
"""What a message says, and not somebody who speaks about it."""


@dataclass(frozen=True)
class Comparison:
    """A text beside one contact: the share of the contact's own words that it has, 0 to 1, and what else it has."""

    contact: Contact
    share: float
    added: str

    @property
    def has_content(self) -> bool:
        return self.share >= SHARE_OF_A_MESSAGE

    @property
    def added_words(self) -> list[str]:
        return self.added.replace("|", " ").split()


def compare(found: Extracted, contact: Contact) -> Comparison:
    """Composes the message again. A contact without a message, such as a call, has no content to compare."""
    share, known = 0.0, {run_of(contact.reference), run_of(contact.case_reference)}
    kinds_own = our_words.own_sentences(kind_of(contact.purpose).code)
    for language in _languages_of(contact):
        sentences = _sentences(contact, language)
        own = {own for own in kinds_own if any(own in sentence for sentence in sentences)} or sentences
        total = our_words.count(own)
        share = max(share, our_words.count(one for one in own if one in found.run) / total if total else 0.0)
        known |= sentences
    return Comparison(contact, share, our_words.written_by_others(found.run, known=known))


def is_message(found: Extracted) -> bool:
    """Whether it is a message, and not what somebody says about one."""
    return len(found.words) >= WORDS_OF_A_MESSAGE or bool(found.headers("from"))


def marks_of_fraud(found: Extracted, *, compared: Comparison | None = None) -> list[str]:
    """What no message of ours has; with `compared`, the customer's own addresses and numbers are not strange in it."""
    rest = compared.added if compared else our_words.written_by_others(found.run)
    senders = [mail for name in ("from", "reply-to") for value in found.headers(name)[-1:] for mail in mails_in(value)]
    named = mails_in(found.body) if is_message(found) else []
    to_call = found.phones if is_message(found) or _TO_CALL.search(folded(found.body)) else []
    strange = _strange(found, [*senders, *named], to_call, compared)
    checks = [
        (_foreign_hosts(found), _("It has a link to a place that is not ours: %(what)s.")),
        (asks_for(rest), _("It asks for what we never ask: %(what)s.")),
        ([mail for mail in senders if mail in strange], _("Its sender is not an address of ours: %(what)s.")),
        ([mail for mail in named if mail in strange], _("It names a mail address that is not ours: %(what)s.")),
        ([one for one in to_call if one in strange], _("It names a telephone number that is not ours: %(what)s.")),
    ]  # fmt: skip
    return [words % {"what": ", ".join(dict.fromkeys(what))} for what, words in checks if what]


def doubts(found: Extracted, compared: Comparison) -> list[str]:
    """What differs from the message that we sent, and may have a harmless cause."""
    contact, said = compared.contact, []
    if len(compared.added_words) > WORDS_ADDED:
        added = " ".join(compared.added_words[:SHOWN_ADDED])
        said.append(_("It also holds words that we did not write: %(words)s") % {"words": f"“{added} …”"})
        if contact.customer and not _has_words(found.text, contact.customer.phrase):
            said.append(_("It does not show the customer's own phrase."))
    elif names_secrets(compared.added):
        said.append(_("It names a password, a PIN, a CVC or a code in words that we did not write."))
    if found.is_source:
        said.append(_("It is the source of a web page or mail. What the customer sees can be something else."))
    subjects = found.headers("subject")
    if subjects and not _has_words(subjects[-1], contact.subject):
        said.append(_("Its subject is not the one that we sent."))
    passed_on = [mail for value in found.headers("from")[:-1] for mail in mails_in(value)]
    came_to = [mail for value in found.headers("to")[-1:] for mail in mails_in(value)]
    strange = _strange(found, [*passed_on, *came_to], [], compared)
    if any(mail in strange for mail in passed_on):
        said.append(_("Somebody passed it on."))
    if came_to and strange.issuperset(came_to):
        said.append(_("We did not send it to the address that it came to."))
    return said


def our_phone() -> str:
    """In E.164."""
    return "".join(one for one in settings.COMPANY_PHONE if one.isdigit() or one == "+")


def is_our_address(mail: str) -> bool:
    return mail.rpartition("@")[2] == _our_mail_host()


def indexes_of(*, mails: Iterable[str], phones: Iterable[str]) -> dict[str, str]:
    """The blind index of each mail address and number."""
    indexes = {mail: index_of(kind=ContactKind.MAIL, value=mail) for mail in mails}
    return indexes | {phone: index_of(kind=ContactKind.PHONE, value=phone) for phone in phones}


def _strange(
    found: Extracted, mails: Iterable[str], phones: Iterable[str], compared: Comparison | None
) -> frozenset[str]:
    """Those that are neither ours nor the customer's. Without a contact, the customer's is what it was sent to."""
    mails = [mail for mail in mails if not is_our_address(mail)]
    indexes = indexes_of(mails=mails, phones=(phone for phone in phones if phone != our_phone()))
    if compared is None:
        return frozenset(indexes) - {mail for value in found.headers("to") for mail in mails_in(value)}
    own = {compared.contact.address_index}
    if indexes and not own.issuperset(indexes.values()) and compared.contact.customer_id:
        points = ContactPoint.objects.filter(customer_id=compared.contact.customer_id)
        own |= set(points.values_list("value_index", flat=True))
    return frozenset(value for value, index in indexes.items() if index not in own)


def _languages_of(contact: Contact) -> Iterator[str]:
    """The customer's first: they may have chosen another since."""
    first = contact.customer.language if contact.customer else ""
    yield from dict.fromkeys((first, *(language for language, _name in settings.LANGUAGES)))


def _sentences(contact: Contact, language: str) -> set[str]:
    """Of the message composed again. A letter's code is not in it: it is for its reader alone."""
    if contact.customer is None or not is_known(contact.purpose) or not hasattr(contact, "message"):
        return set()
    reader: Customer = copy.copy(contact.customer)
    reader.language = language
    frame = composing.sms if contact.channel == ContactChannel.SMS else composing.mail
    words = frame(
        contact.purpose,
        customer=reader,
        case_reference=contact.case_reference,
        check_code=contact.reference,
        context=contact.message.context,
    )
    runs = {run for line in words.text.splitlines() for run in run_of(line).split("|")}
    return {run for run in runs if run}


def _has_words(text: str, ours: str) -> bool:
    """Whether the words of ours follow each other in the text."""
    return f" {' '.join(words_of(ours))} " in f" {' '.join(words_of(text))} "


def _foreign_hosts(found: Extracted) -> list[str]:
    ours = {urlsplit(settings.PUBLIC_URL).netloc.lower(), _our_mail_host()}
    return [host for host in found.hosts if host not in ours]


def _our_mail_host() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2].lower()
