"""The public page "are you talking to us?", for who has no account at hand: by the reference of a case together with
the last three digits of the number that we call, or by that number itself.

It names nobody: neither the agent, nor the case, nor whose number it is. Whoever knows a number, or a case with three
digits, learns whether one of us rings there or talks there at this moment, and nothing of any other time; that is what
the person who answers the telephone needs. Known and unknown are answered alike: a call that we do not find is denied
in words that hold for a number that nobody has. No look-up reads the database: what was typed becomes two keyed hashes,
each is looked up in this process's snapshot, and the answer comes after a padded time. Tries are limited per network,
per what was typed (known or not), and in all; while they cannot be counted, it reads "cannot check".

The page is opened because somebody is on the telephone, so "nobody" is told as "this is not us", and by its rule: only
from a snapshot of the last three seconds (`states`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import phonenumbers
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice import never_told
from backoffice.customers import addresses
from backoffice.customers.models import ContactKind
from backoffice.refusals import Invalid
from backoffice.telephony.live.reading import live_under
from backoffice.telephony.live.snapshots import key_of_case, key_of_number
from backoffice.telephony.live.states import CANNOT_CHECK, Live, LiveState
from backoffice.text import digits_of
from backoffice.trust import checking
from backoffice.trust.limits import CannotCount, Limit, allowed
from backoffice.trust.padding import pad

PER_NETWORK = Limit("calling-page-network", times=30, per=timedelta(minutes=10))
PER_TYPED = Limit("calling-page-typed", times=12, per=timedelta(minutes=10))
"""While one call lasts, so few of the thousand endings can be tried for a case."""
IN_ALL = Limit("calling-page", times=3000, per=timedelta(minutes=10))
PADDED_TO = timedelta(milliseconds=250)
LONGEST_TYPED = 200
SHORTEST_NUMBER = 8
"""Digits. No telephone number that we call is shorter."""
NOTHING = "-"
"""What is looked up in place of what was not typed; no call is under it."""


@dataclass(frozen=True)
class Answer:
    """`state` is one of the five; the two sentences say what we know and what to do now."""

    state: LiveState
    says: str
    now_do: str


@dataclass(frozen=True)
class _Typed:
    """What was typed, as we look it up. `number` is in E.164."""

    case: str = NOTHING
    number: str = NOTHING
    last_three: str = NOTHING

    @property
    def counted(self) -> str:
        return f"{self.case}|{self.number}"


def ask(
    *, typed: str, last_three: str = "", network: str = "", now: datetime | None = None, padded: bool = True
) -> Answer:
    """Answers what was typed: a case's reference with `last_three`, or a telephone number. `network` is the asker's, as
    `networks.network_of` gives it. The answer comes after `PADDED_TO`, or a multiple of it."""
    began = time.monotonic()
    read = _read(typed[:LONGEST_TYPED], last_three[:LONGEST_TYPED])
    try:
        answer = _answer(read) if _within_limits(read, network, now or timezone.now()) else _too_often()
    except CannotCount:
        answer = _cannot_check()
    if padded:
        pad(began, to=PADDED_TO)
    return answer


def _within_limits(typed: _Typed, network: str, now: datetime) -> bool:
    """Every try counts in all three."""
    counted = [
        allowed(PER_NETWORK, network, now=now),
        allowed(PER_TYPED, typed.counted, now=now),
        allowed(IN_ALL, "", now=now),
    ]
    return all(counted)


def _read(typed: str, last_three: str) -> _Typed:
    number = _number(typed)
    if number != NOTHING:
        return _Typed(number=number)
    return _Typed(case=checking.case_reference_in(typed) or NOTHING, last_three=digits_of(last_three)[-3:] or NOTHING)


def _number(typed: str) -> str:
    """A telephone number as people write it; without a country it is one of the company's."""
    if len(digits_of(typed)) < SHORTEST_NUMBER:
        return NOTHING
    try:
        return addresses.clean(kind=ContactKind.PHONE, value=typed, country=_our_country(settings.COMPANY_PHONE))
    except Invalid:
        return NOTHING


@lru_cache(maxsize=4)
def _our_country(phone: str) -> str:
    return phonenumbers.region_code_for_number(phonenumbers.parse(phone)) or ""


def _answer(typed: _Typed) -> Answer:
    """Both look-ups are always made; which of them counts, the writer of the text knows already."""
    by_case, by_number = live_under(key_of_case(typed.case, typed.last_three)), live_under(key_of_number(typed.number))
    if typed.number != NOTHING:
        return _told(by_number)
    if typed.case == NOTHING:
        return _unreadable()
    if len(typed.last_three) != 3:
        return _needs_digits()
    return _told(by_case)


def _told(found: Live) -> Answer:
    live = found.to_somebody_on_the_telephone()
    match live.state:
        case LiveState.TALKING:
            return Answer(
                live.state,
                _("Yes: one of us is talking on your number now."),
                _("Let them prove it: sign in and compare their name, or ask for the check code of the call.")
                + " "
                + never_told.in_words(),
            )
        case LiveState.CALLING:
            return Answer(
                live.state,
                _("We are calling your number now. Nobody has answered yet."),
                _("Are you talking to somebody already? Say nothing, and look again: it must read “yes” in a moment.")
                + " "
                + _("If it does not, it is not us: hang up."),
            )
        case LiveState.CANNOT_CHECK:
            return _cannot_check()
        case _:
            return Answer(
                LiveState.NOT_US,
                _("This is not us: hang up."),
                _(
                    "No call of ours fits what you typed. Look once more whether all of it is right. If it is, whoever "
                    "is on the telephone is not us."
                )
                + " "
                + _call_us(),
            )


def _cannot_check() -> Answer:
    return Answer(CANNOT_CHECK.state, _("We cannot check now: do not talk."), _hang_up())


def _too_often() -> Answer:
    says = _("We cannot check now: do not talk.")
    why = _("Too many people asked here in the last minutes. Try again in ten minutes.")
    return Answer(CANNOT_CHECK.state, says, f"{why} {_hang_up()}")


def _unreadable() -> Answer:
    says = _("We cannot check this: it is neither a telephone number nor the reference of a case.")
    return Answer(
        CANNOT_CHECK.state,
        says,
        _("A number reads like +31 20 555 0100, a reference like K7Q-4MX-2.") + " " + _hang_up(),
    )


def _needs_digits() -> Answer:
    says = _("We cannot check this from the case alone.")
    return Answer(CANNOT_CHECK.state, says, _("Add the last three digits of your telephone number.") + " " + _hang_up())


def _hang_up() -> str:
    return _("Until you know, hang up and do nothing that they ask.") + " " + _call_us()


def _call_us() -> str:
    return _("Not sure? Call us on the number on your card: %(phone)s.") % {"phone": settings.COMPANY_PHONE}
