"""The sheet beside every call, of whichever kind: who it is, why, what may be asked, what must never be asked, and what
was tried before. It is one component (`templates/calls/desk/sheet.html`); each kind of call fills it in."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from backoffice.cases.call_sheets import CallSheet, Text

Lines = Sequence[tuple[Text, Text]]
NOTICE = _("What we say or write here is recorded, so that we can both prove it later.")
"""What is read out, or written into the chat, before anything is asked."""
NEVER_ASKED: Sequence[Text] = (
    _("Never ask for a password, a PIN or a CVC."),
    _("Never ask for a code that was issued for something else."),
)
"""Never asked, on any channel (trust: "Never asked"): beside every call, whatever it is about."""


@dataclass(frozen=True, kw_only=True)
class Script:
    """What to say at one moment of a call, word for word, under the name of that moment."""

    title: Text
    words: Text


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """`say` is said first. `known` and `tried` are lines of (label, value), or (empty, sentence). `never` comes after
    what is never asked in any call."""

    say: Text
    may_ask: Sequence[Text]
    never: Sequence[Text]
    known: Lines = ()
    offers: Sequence[Text] = ()
    tried: Lines = ()
    script: Sequence[Script] = ()

    @property
    def never_at_all(self) -> Sequence[Text]:
        return (*NEVER_ASKED, *self.never)


def for_our_call(told: CallSheet, *, say: Text, known: Lines, tried: Lines, script: Sequence[Script] = ()) -> Sheet:
    """We call the customer, or they ring us back, about what `told` says."""
    may_ask = [*told.may_ask]
    if told.needs_customer_proof:
        may_ask = [_("first the code that the customer’s page shows for this call"), *may_ask]
    return Sheet(
        say=say,
        known=[(_("Why we call"), told.why), *known],
        may_ask=may_ask,
        offers=told.offers,
        tried=tried,
        script=script,
        never=(
            _("Never ask anything before the customer could see that it is us."),
            _("Never say what it is about to anybody but the customer, nor to a voicemail."),
            _("Never press the customer: who is not sure rings back, and keeps their place."),
            _("Never ask for a payment, or for a program to be installed."),
        ),
    )


def for_a_call_to_us(*, known: Lines, tried: Lines) -> Sheet:
    """Somebody called our number. Whose number it shows is known at best, and proves nothing."""
    return dataclasses.replace(
        for_a_caller(),
        known=known,
        tried=tried,
        may_ask=(
            _("about which case they call: its reference is in each of our messages"),
            _("whether we rang them, and when"),
            _("the code that the portal shows, before anything of a record is said"),
        ),
    )


def for_a_caller() -> Sheet:
    """Somebody calls us or writes in the chat, and has proven nothing yet: nothing of any record is on it."""
    return Sheet(
        say=_("Your name, and: “%(notice)s”") % {"notice": NOTICE},
        may_ask=(
            _("the name of a service, or a PESEL, a NIP or a REGON: one of them"),
            _("what the caller wants"),
            _("the code that the portal shows for this case"),
        ),
        never=(
            _("Never read out a name, an address, a number or a date: the caller may be anybody."),
            _("Never call back a number that the caller gives."),
            _("No code, no help: who sounds like the customer is not yet the customer."),
        ),
    )
