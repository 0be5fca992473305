"""The desk's "is this ours?": by reference, address, number, words of the subject, or a whole pasted message.

The verdict follows the rule in `verdicts.py`. Somebody who reads out a reference alone gets "cannot tell": the agent
asks what the message says, compares it with what we sent, and `settle` gives the verdict. A reference with one wrong
character is looked up by what it can have been. Each question takes only a few index look-ups.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Q, When
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.messages.catalogue import kind_of
from backoffice.references import near_misses
from backoffice.refusals import Invalid
from backoffice.staff import rights
from backoffice.trust import our_words, warnings
from backoffice.trust.comparing import (
    Comparison,
    compare,
    doubts,
    indexes_of,
    is_message,
    is_our_address,
    marks_of_fraud,
    our_phone,
)
from backoffice.trust.extracting import Extracted, extract
from backoffice.trust.models import Contact, ContactChannel, Direction
from backoffice.trust.reporting import PURPOSE as REPORTED
from backoffice.trust.verdicts import Recognition, cannot_tell, day_of, not_ours, ours, to_compare

LOOKS_BACK = timedelta(days=90)
MOST_SHOWN = 5
MOST_MISHEARD = 3
"""So many wrong references of one text are looked up, with about 27 near misses each."""
MOST_WORDS_OF_VALUES = 20
"""A copy of our words has about so many that are not in the template: a phrase, a date, a number."""
CasesKnown = Callable[[Collection[str]], Collection[str]]
"""Which of these references are those of cases; a case may have one before we write to anybody about it."""


@rights.needs(rights.RECOGNISE)
def recognise(
    *, pasted: str, by: Actor, now: datetime | None = None, cases_known: CasesKnown = lambda references: ()
) -> Recognition:
    """Answers for staff. Raises `Forbidden` for anybody else, and `Invalid` on `pasted` when there is nothing to
    read."""
    return recognised(pasted, now=now or timezone.now(), cases_known=cases_known)


def recognised(pasted: str, *, now: datetime, cases_known: CasesKnown = lambda references: ()) -> Recognition:
    """The same for a rule that has checked who asks, and that shows them no more than they may see."""
    found = _read(pasted)
    register = _look_up(found)
    if register.quoted:
        return _quoted(found, register.quoted, now)
    marks = [*marks_of_fraud(found), *_warned_of(pasted, now)]
    known = {contact.reference for contact in register.came}
    if never_sent := [one for one in found.references if one not in known]:
        return _never_sent(never_sent, marks, cases_known)
    if marks:
        return not_ours(marks)
    if register.came:
        return _came_to_us(register.came)
    if found.broken_references:
        return _misread(found, register.misheard)
    return _without_reference(found, now)


@rights.needs(rights.RECOGNISE)
def settle(*, pasted: str, reference: str, fits: bool, by: Actor, now: datetime | None = None) -> Recognition:
    """The verdict after the agent has compared what the customer reads out with what we sent under `reference`. It
    changes nothing. Raises `Forbidden` for anybody but staff, and `Invalid` on `pasted` when the pasted text does not
    lead to this contact."""
    found = _read(pasted)
    register = _look_up(found)
    contact = next((one for one in (*register.quoted, *register.misheard) if one.reference == reference), None)
    if contact is None:
        raise Invalid({"pasted": [_("This reference is not in the text. Paste the text, and ask again.")]})
    if marks := marks_of_fraud(found, compared=compare(found, contact)):
        return not_ours([_quotes_ours(), *marks], contacts=[contact])
    if not fits:
        return not_ours([_("What the customer has is not what we sent under this reference.")], contacts=[contact])
    why = [_("We sent a message with this reference, and you found that its content is the same.")]
    return ours(contact, why=why, ask_next=_when_it_came(contact, now or timezone.now()))


@dataclass(frozen=True)
class _Looked:
    """What the register has under the references in a text."""

    quoted: Sequence[Contact] = ()
    """What we sent under them; those whose own code is quoted first, then the newest."""
    came: Sequence[Contact] = ()
    """What came to us under them: reports of customers, and calls."""
    misheard: Sequence[Contact] = ()
    """Where nothing is quoted: what we sent under a reference that differs from a wrong one by one slip."""


def _look_up(found: Extracted) -> _Looked:
    under = _contacts_under([*found.references, *found.chance_references])
    quoted = [contact for contact in under if contact.direction == Direction.OUT]
    came = [contact for contact in under if contact.direction != Direction.OUT]
    if quoted:
        return _Looked(quoted, came)
    misheard = [contact for contact in _contacts_under(_near(found)) if contact.direction == Direction.OUT]
    return _Looked((), came, misheard)


def _quoted(found: Extracted, contacts: Sequence[Contact], now: datetime) -> Recognition:
    best = _most_like(found, contacts)
    contacts = [best.contact, *(contact for contact in contacts if contact != best.contact)]
    if marks := marks_of_fraud(found, compared=best):
        return not_ours([_quotes_ours(), *marks], contacts=contacts)
    others = [*_under_nothing(found, contacts), *map(_wrong_character, found.broken_references)]
    if not best.has_content and not is_message(found):
        alone = _("We sent this, but a reference alone proves nothing: anybody can copy it.")
        return to_compare([alone, *others], contacts=contacts)
    differs = [*doubts(found, best), *others]
    if not best.has_content:
        quotes = _("It quotes a reference of ours, but not the words of our message.")
        return to_compare([quotes, *differs], contacts=contacts)
    if differs:
        words = _("It has the words of a message that we sent, but something differs.")
        return to_compare([words, *differs], contacts=contacts)
    return ours(best.contact, ask_next=_when_it_came(best.contact, now))


def _under_nothing(found: Extracted, contacts: Sequence[Contact]) -> list[str]:
    known = {reference for contact in contacts for reference in (contact.reference, contact.case_reference)}
    unknown = [reference for reference in found.references if reference not in known]
    return [_("We sent nothing under this reference: %(what)s.") % {"what": one} for one in unknown]


def _never_sent(references: Sequence[str], marks: Sequence[str], cases_known: CasesKnown) -> Recognition:
    again = _ask_again()
    of_cases = sorted(cases_known(references))
    never = _("We never made this reference: %(what)s.")
    why = [never % {"what": one} for one in references if one not in of_cases]
    if marks or not of_cases:
        return not_ours([*why, *marks], ask_next=[again])
    silent = _("This is a case of ours, but we have sent nothing about it: %(what)s.")
    why = [*(silent % {"what": one} for one in of_cases), *why]
    return cannot_tell(why, ask_next=[_("Ask who gave them this reference, and when."), again])


def _came_to_us(came: Sequence[Contact]) -> Recognition:
    if any(contact.purpose != REPORTED for contact in came):
        calls = [contact for contact in came if contact.purpose != REPORTED]
        return cannot_tell(
            [
                _("This is the reference of a call that somebody made to us. No message of ours shows it."),
                _("The customer can see it in the portal, under “Who contacted me”."),
            ],
            contacts=calls,
            ask_next=[_("Ask who gave them this number. If a message shows it, paste the message.")],
        )
    return cannot_tell(
        [_("This is the number of a report that a customer made to us. No message of ours shows it.")],
        ask_next=[_("Ask who gave them this number. If a message shows it, paste the message.")],
    )


def _misread(found: Extracted, misheard: Sequence[Contact]) -> Recognition:
    why = [*map(_wrong_character, found.broken_references), *_said_by_us(found)]
    if not misheard:
        return cannot_tell(why, ask_next=[_ask_again()])
    best = _most_like(found, misheard)
    contacts = [best.contact, *(contact for contact in misheard if contact != best.contact)]
    slip = _("With one slip taken back, it is a reference of ours. Do they mean %(what)s?")
    why += [slip % {"what": one} for one in dict.fromkeys(_meant(found, contact) for contact in contacts)]
    return to_compare(why, contacts=contacts, ask_next=[_ask_again()])


def _meant(found: Extracted, contact: Contact) -> str:
    return contact.reference if contact.reference in _near(found) else contact.case_reference


def _near(found: Extracted) -> list[str]:
    return [one for wrong in found.broken_references[:MOST_MISHEARD] for one in near_misses(wrong)]


def _without_reference(found: Extracted, now: datetime) -> Recognition:
    indexes = indexes_of(mails=found.mails, phones=found.phones)
    sent = _sent_lately(indexes.values(), now)
    ask = [
        _("Ask for the reference. It is below the words “How to check that this is from us”."),
        _("Ask to which address or number it came, and when."),
    ]
    if said := _said_by_us(found):
        alike = [contact for contact in sent if compare(found, contact).has_content]
        if alike:
            said.append(_("We did send such a message to this address or number."))
        return cannot_tell(said, contacts=alike, ask_next=ask)
    if is_message(found):
        why = [
            _("None of our messages has these words."),
            _("Every message of ours shows a reference; this shows none."),
        ]
        whole = _("Ask for the whole message, from its first line to its last.")
        return cannot_tell(why, contacts=sent, ask_next=[whole, *ask])
    return _by_address(found, indexes.values(), sent, now) if indexes else _by_words(found)


def _said_by_us(found: Extracted) -> list[str]:
    """Which messages of ours have the words of this text, whoever copied them; empty when none has."""
    alike = our_words.kinds_like(found.run)[:2]
    if not alike:
        return []
    added = our_words.count([our_words.written_by_others(found.run)])
    whole = _("Its words are ours, but anybody can copy them.")
    part = _("Some of its sentences are ours, and others are not.")
    first = whole if added <= MOST_WORDS_OF_VALUES else part
    return [first, *(f"{kind_of(code).about} {kind_of(code).asks}" for code in alike)]


def _called_us(indexes: Collection[str], now: datetime) -> list[str]:
    """That a call came in which showed one of these numbers; empty where none did."""
    calls = Contact.objects.filter(channel=ContactChannel.CALL, direction=Direction.IN, at__gte=now - LOOKS_BACK)
    last = calls.filter(address_index__in=list(indexes)).select_related("customer").order_by("-at").first()
    said = _("A call came to us that showed this number, last on %(day)s. Anybody can show any number.")
    return [said % {"day": day_of(last)}] if last else []


def _by_address(found: Extracted, indexes: Collection[str], sent: Sequence[Contact], now: datetime) -> Recognition:
    ask = [_("Ask for the reference: our messages show one, and our callers can name one.")]
    if our_phone() in found.phones or any(map(is_our_address, found.mails)):
        why = [_("This is our own address or number. Anybody can show it as the sender, so it proves nothing.")]
        return cannot_tell(why, ask_next=ask)
    days, called = {"days": LOOKS_BACK.days}, _called_us(indexes, now)
    if sent:
        why = [
            _("We sent this here in the last %(days)s days. Whether theirs is one of these is not known yet.") % days
        ]
        words = _("Ask what it says and what it asks, and compare it with ours.")
        return cannot_tell([*why, *called], contacts=sent, ask_next=[*ask, words])
    why = [_("We sent nothing to this address or number in the last %(days)s days.") % days, *called]
    if times := Contact.objects.filter(purpose=REPORTED, address_index__in=list(indexes)).count():
        return not_ours([*why, _("It was reported to us as a sender, this often: %(times)s.") % {"times": times}])
    why.append(_("We may have written to another of theirs. It is not one from which we write or call."))
    return cannot_tell(why, ask_next=[_("Ask whether it came to this address or number, or from it."), *ask])


def _by_words(found: Extracted) -> Recognition:
    ask = [_("Ask for the reference, or for the address or number that it came to.")]
    alike = our_words.kinds_with_subject(found.run)
    if not alike:
        return cannot_tell([_("None of our messages has these words as its subject.")], ask_next=ask)
    said = [kind_of(code).about for code in alike]
    return cannot_tell([_("We do send messages with this subject, but anybody can copy it."), *said], ask_next=ask)


def _read(pasted: str) -> Extracted:
    found = extract(pasted)
    if not found.text:
        raise Invalid({"pasted": [_("Paste a message, or type a reference, an address or a telephone number.")]})
    return found


def _most_like(found: Extracted, contacts: Sequence[Contact]) -> Comparison:
    """The contact whose own code is quoted, else the one whose words are, else the newest."""
    quoted = [contact for contact in contacts if contact.reference in found.references] or contacts
    return max((compare(found, contact) for contact in quoted), key=lambda one: one.share)


def _contacts_under(references: Sequence[str]) -> list[Contact]:
    """By check code, then the newest of each case."""
    if not references:
        return []
    by_code = Case(When(reference__in=references, then=0), default=1)
    return _contacts(Q(reference__in=references) | Q(case_reference__in=references), by_code)


def _sent_lately(indexes: Collection[str], now: datetime) -> list[Contact]:
    if not indexes:
        return []
    return _contacts(Q(address_index__in=list(indexes), at__gte=now - LOOKS_BACK, direction=Direction.OUT))


def _contacts(which: Q, *first: Case) -> list[Contact]:
    contacts = Contact.objects.filter(which).select_related("customer", "message")
    return list(contacts.order_by(*first, "-at", "-pk")[:MOST_SHOWN])


def _when_it_came(contact: Contact, now: datetime) -> list[str]:
    """What to ask about a message that is older than what we look back on."""
    if now - contact.at <= LOOKS_BACK:
        return []
    old = _("It is from %(day)s, and what it asks may no longer hold.") % {"day": day_of(contact)}
    return [old, _("Ask when it came. If it came lately, somebody sent it again.")]


def _quotes_ours() -> str:
    return _("It quotes a reference of ours, but it is not the message that we sent.")


def _wrong_character(wrong: str) -> str:
    return _("No reference of ours is written like this: %(what)s. At least one character is wrong.") % {"what": wrong}


def _warned_of(pasted: str, now: datetime) -> list[str]:
    warning = warnings.matching(text=pasted, now=now)
    return [_("It is like what we warn of: %(words)s") % {"words": warning.words}] if warning else []


def _ask_again() -> str:
    return _("Ask them to read the reference once more, one character after the other. It has no 0, 1, I, L or O.")
