"""The desk's "is this ours?": by reference, address, number, words of the subject, or a whole pasted message.

A copied reference proves nothing. A message may quote one of ours and still link elsewhere, ask for a secret, have
another sender, subject or recipient, or lack the phrase. Then the answer is "not ours", with the reasons. The message
that we sent is composed again, so that what somebody added to it shows. Each question takes only a few index look-ups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parseaddr
from enum import StrEnum
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind
from backoffice.customers.addresses import index_of
from backoffice.customers.models import ContactKind, Customer
from backoffice.messages import composing
from backoffice.messages.catalogue import all_kinds, is_known, kind_of
from backoffice.refusals import Forbidden, Invalid
from backoffice.trust.extracting import Extracted, asks_for, extract, plain
from backoffice.trust.models import Contact, ContactChannel, Direction

LOOKS_BACK = timedelta(days=90)
MOST_SHOWN = 5
WORDS_OF_A_MESSAGE = 20
WORDS_ADDED = 12
"""A text with our reference is doubtful when it has at least this many words that we did not write."""


class Verdict(StrEnum):
    OURS = "ours"
    NOT_OURS = "not_ours"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class Seen:
    """A contact as the desk may read it out: without a name, and with the address masked. `at` is in UTC."""

    reference: str
    case_reference: str
    channel: str
    direction: str
    at: datetime
    to: str
    subject: str
    about: str
    asks: str


@dataclass(frozen=True)
class Recognition:
    """`why` is for the agent, `tell` is for the customer word for word, `ask_next` is what to ask them for."""

    verdict: Verdict
    contacts: Sequence[Seen] = ()
    why: Sequence[str] = ()
    tell: Sequence[str] = ()
    ask_next: Sequence[str] = ()
    report: bool = field(default=False)
    """Whether a report of a suspicious contact should be opened."""


def recognise(*, pasted: str, by: Actor, now: datetime | None = None) -> Recognition:
    """Answers for staff. Raises `Forbidden` for anybody else, and `Invalid` on `pasted` when there is nothing to
    read."""
    if by.kind != ActorKind.STAFF:
        raise Forbidden("staff_only", _("Only staff can look into the contact register."))
    found = extract(pasted)
    if not found.text:
        raise Invalid({"pasted": [_("Paste a message, or type a reference, an address or a telephone number.")]})
    now = now or timezone.now()
    if found.references or found.broken_references:
        return _by_reference(found)
    if len(found.words) >= WORDS_OF_A_MESSAGE or found.hosts:
        return _without_reference(found)
    if found.mails or found.phones:
        return _by_address(found, now)
    return _by_words(found)


def _by_reference(found: Extracted) -> Recognition:
    contacts = _contacts(Q(reference__in=found.references) | Q(case_reference__in=found.references))
    if not contacts:
        why = _("No contact of ours has this reference.")
        if not found.references:
            why = _("This cannot be one of our references: its check character is wrong.")
        again = _("Ask them to read the reference once more, one character after the other.")
        return _not_ours([why, *_marks_of_fraud(found, None)], ask_next=[again])
    contact = _most_like(found, contacts)
    strange = _marks_of_fraud(found, contact)
    if strange:
        quotes = _("It quotes a reference of ours, but it is not the message that we sent.")
        return _not_ours([quotes, *strange], contacts=contacts)
    if len(found.words) >= WORDS_OF_A_MESSAGE and len(_added(found, contact).split()) >= WORDS_ADDED:
        return _cannot_tell(
            [_("It quotes a reference of ours, but it also holds words that we did not write.")],
            contacts=contacts,
            ask_next=[_("Ask which sentences stand above and below ours, and compare them with what we sent.")],
        )
    return _ours(contacts)


def _without_reference(found: Extracted) -> Recognition:
    return _not_ours([_("Every message of ours shows a reference. This one has none."), *_marks_of_fraud(found, None)])


def _by_address(found: Extracted, now: datetime) -> Recognition:
    if any(_is_our_address(mail) for mail in found.mails) or _our_phone() in found.phones:
        return _cannot_tell(
            [_("This is our own address or number. Anybody can show it as the sender, so it proves nothing.")],
            ask_next=[_("Ask for the reference: our messages show one, and our callers can name one.")],
        )
    contacts = _contacts(Q(address_index__in=_indexes(found), at__gte=now - LOOKS_BACK))
    if contacts:
        return _ours(contacts, ask_next=[_("Ask for the reference, to be sure which of them it is.")])
    days = LOOKS_BACK.days
    return _not_ours([_("We sent nothing to this address or number in the last %(days)s days.") % {"days": days}])


def _by_words(found: Extracted) -> Recognition:
    words = plain(found.text)
    subjects = _our_subjects() if len(words) >= 4 else ()
    alike = [template for subject, template in subjects if words in subject or subject in words]
    ask = [_("Ask for the reference, or for the address or number that it came to.")]
    if not alike:
        return _cannot_tell([_("None of our messages has these words as its subject.")], ask_next=ask)
    said = [str(kind_of(template).about) for template in dict.fromkeys(alike)]
    return _cannot_tell([_("We do send messages with this subject, but anybody can copy it."), *said], ask_next=ask)


def _marks_of_fraud(found: Extracted, contact: Contact | None) -> list[str]:
    """What does not fit any message of ours and, with `contact`, what differs from the message that we sent."""
    own = _indexes_of(contact)
    checks = [
        (_foreign_hosts(found), _("It has a link to a place that is not ours: %(what)s.")),
        (asks_for(_added(found, contact)), _("It asks for what we never ask: %(what)s.")),
        (_foreign_mails(found, own), _("It names a mail address that is not ours: %(what)s.")),
        (_foreign_phones(found, own), _("It names a telephone number that is not ours: %(what)s.")),
    ]
    strange = [words % {"what": ", ".join(what)} for what, words in checks if what]
    if contact is not None:
        strange += _misfits(found, contact)
    return strange


def _misfits(found: Extracted, contact: Contact) -> list[str]:
    strange = []
    subject = plain(found.headers.get("subject", ""))
    if subject and contact.subject and plain(contact.subject) not in subject:
        strange.append(_("Its subject is not the one that we sent."))
    to = parseaddr(found.headers.get("to", ""))[1]
    mailed = contact.channel == ContactChannel.MAIL
    if to and mailed and index_of(kind=ContactKind.MAIL, value=to) != contact.address_index:
        strange.append(_("We did not send it to the address that it came to."))
    phrase = plain(contact.customer.phrase) if contact.customer else ""
    whole = len(found.words) >= WORDS_OF_A_MESSAGE
    if whole and phrase and phrase not in plain(found.text) and len(_added(found, contact).split()) >= WORDS_ADDED // 2:
        strange.append(_("It does not show the customer's own phrase."))
    return strange


def _added(found: Extracted, contact: Contact | None) -> str:
    """What a text holds in addition to the message that we sent; the whole text when we sent none."""
    return found.rest_after(*_sent_words(contact)) if contact else found.rest_after()


def _sent_words(contact: Contact) -> list[str]:
    if contact.customer is None or not is_known(contact.purpose) or not hasattr(contact, "message"):
        return []
    frame = composing.sms if contact.channel == ContactChannel.SMS else composing.mail
    words = frame(
        contact.purpose,
        customer=contact.customer,
        case_reference=contact.case_reference,
        check_code=contact.reference,
        context=contact.message.context,
    )
    return [words.subject, words.text, contact.reference, contact.case_reference]


def _most_like(found: Extracted, contacts: Sequence[Contact]) -> Contact:
    """Of the contacts of one case: the one whose code is quoted, else the one whose words are, else the newest."""
    for contact in contacts:
        if contact.reference in found.references:
            return contact
    return min(contacts, key=lambda contact: len(_added(found, contact)))


def _contacts(which: Q) -> list[Contact]:
    """What we sent, the newest first. The register also holds contacts that were reported to us; they are not ours."""
    known = Contact.objects.filter(which, direction=Direction.OUT).select_related("customer", "message")
    known = known.order_by("-at", "-pk")
    return list(known[:MOST_SHOWN])


def _indexes(found: Extracted) -> list[str]:
    mails = [index_of(kind=ContactKind.MAIL, value=mail) for mail in found.mails]
    return mails + [index_of(kind=ContactKind.PHONE, value=phone) for phone in found.phones]


def _indexes_of(contact: Contact | None) -> set[str]:
    return {contact.address_index} if contact else set()


def _foreign_hosts(found: Extracted) -> list[str]:
    ours = {urlsplit(settings.PUBLIC_URL).netloc.lower(), _our_mail_host()}
    return [host for host in found.hosts if host not in ours]


def _foreign_mails(found: Extracted, own: set[str]) -> list[str]:
    return [m for m in found.mails if not _is_our_address(m) and index_of(kind=ContactKind.MAIL, value=m) not in own]


def _foreign_phones(found: Extracted, own: set[str]) -> list[str]:
    known = own | {index_of(kind=ContactKind.PHONE, value=_our_phone())}
    return [phone for phone in found.phones if index_of(kind=ContactKind.PHONE, value=phone) not in known]


def _our_mail_host() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2].lower()


def _is_our_address(mail: str) -> bool:
    return mail.rpartition("@")[2] == _our_mail_host()


def _our_phone() -> str:
    return "".join(one for one in settings.COMPANY_PHONE if one.isdigit() or one == "+")


@lru_cache(maxsize=1)
def _our_subjects() -> tuple[tuple[str, str], ...]:
    """Every subject that we send, in every language, without the reference."""
    return tuple(
        (plain(subject), template)
        for language, _name in settings.LANGUAGES
        for template in all_kinds()
        for reason in ("", "fraud")
        for subject in [
            composing.subject_of(
                template, customer=Customer(language=language), case_reference="", context={"reason": reason}
            )
        ]
    )


def _ours(contacts: Sequence[Contact], ask_next: Sequence[str] = ()) -> Recognition:
    tell = [_("Yes, that is from us."), *(f"{seen.about} {seen.asks}" for seen in map(_seen, contacts[:1]))]
    tell.append(_("It has no link, and it asks for no password, PIN, CVC or code. If yours does, it is not ours."))
    tell.append(_("You need not trust this call either: sign in as you always do; the case is on the first page."))
    return Recognition(Verdict.OURS, [_seen(contact) for contact in contacts], tell=tell, ask_next=ask_next)


def _not_ours(why: Sequence[str], contacts: Sequence[Contact] = (), ask_next: Sequence[str] = ()) -> Recognition:
    tell = [
        _("No, that is not from us. You did well to ask."),
        _("Do not answer it, do not open its links, and do not call a number that it names."),
        _("If you have already typed or told something, say so now: we then protect your account at once."),
    ]
    seen = [_seen(contact) for contact in contacts]
    next_ones = [*ask_next, _("Ask how and when it came, and whether they have answered it or opened a link.")]
    return Recognition(Verdict.NOT_OURS, seen, why=why, tell=tell, ask_next=next_ones, report=True)


def _cannot_tell(why: Sequence[str], *, contacts: Sequence[Contact] = (), ask_next: Sequence[str]) -> Recognition:
    tell = [
        _("I cannot tell yet whether that is from us. Please do nothing that it asks until we know."),
        _("Every message of ours shows a reference like K7Q-4MX-2. Can you read it to me?"),
    ]
    return Recognition(Verdict.CANNOT_TELL, [_seen(c) for c in contacts], why=why, tell=tell, ask_next=ask_next)


def _seen(contact: Contact) -> Seen:
    purpose = kind_of(contact.purpose)
    return Seen(
        reference=contact.reference,
        case_reference=contact.case_reference,
        channel=contact.get_channel_display(),
        direction=str(Direction(contact.direction).label),
        at=contact.at,
        to=contact.address_masked,
        subject=contact.subject,
        about=str(purpose.about),
        asks=str(purpose.asks),
    )
