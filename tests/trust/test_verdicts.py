"""The desk's "is this ours?": each row of the table is what somebody pastes or says, and the verdict on it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from backoffice.actors import Actor
from backoffice.trust.verdicts import Verdict
from tests.trust.pasting import (
    CANNOT_TELL,
    EVIL,
    NOT_OURS,
    OURS,
    World,
    again,
    as_html,
    ask,
    number_that_fits,
    quoted,
    slip,
    swapped,
    without_reference,
    word_that_fits,
    wrapped,
)

NEVER_ASKED = (
    "What we never ask\n\nWe never ask for your password, your PIN, the CVC of a card, or a code that you got for"
    " something else: not by mail, not by text message, not on the telephone, not at your door."
)
"""As each mail of ours said before payments were keyed in on the telephone."""
ROWS: dict[str, tuple[Callable[[World], str], Verdict]] = {
    # A reference alone says nothing about the content.
    "a check code alone": (lambda w: w.mail.code, CANNOT_TELL),
    "a case reference alone": (lambda w: w.mail.case, CANNOT_TELL),
    "a code read on the telephone": (lambda w: w.mail.code.replace("-", " ").lower(), CANNOT_TELL),
    "a code in a sentence": (lambda w: f"the code is {w.mail.code}, she says", CANNOT_TELL),
    "a code and the subject": (lambda w: f"{w.mail.code}: we stopped a payment and blocked a card", CANNOT_TELL),
    "the code of a call": (lambda w: w.called.reference, CANNOT_TELL),
    "a voicemail that names a code and our number": (
        lambda w: f"Hello, this is Meridian, call us on {settings.COMPANY_PHONE}, the code is {w.mail.code}",
        CANNOT_TELL,
    ),
    # Reference and content.
    "the whole mail": (lambda w: w.mail.text, OURS),
    "the mail without its header lines": (lambda w: w.mail.text.split("Subject: ")[1], OURS),
    "the mail quoted in an answer": (lambda w: quoted(w.mail.text), OURS),
    "the mail with lines broken by a mail program": (lambda w: quoted(wrapped(w.mail.text)), OURS),
    "the mail passed on by the customer": (
        lambda w: f"From: {w.mail.to}\nSubject: Fwd: is this real\n\n-------- Original Message --------\n{w.mail.text}",
        OURS,
    ),
    "the mail with the line of who answers": (
        lambda w: f"On Mon, 23 Nov 2026 at 12:00, Meridian <post@meridian.example> wrote:\n{quoted(w.mail.text)}",
        OURS,
    ),
    "the mail without its first line": (lambda w: w.mail.text.split("blue kettle 7", 1)[1], OURS),
    "the mail in other typography": (
        lambda w: w.mail.text.replace("-", "\u2011").replace(" ", "\u00a0").replace("'", "’"),
        OURS,
    ),
    "the mail with remnants of HTML": (lambda w: w.mail.text.replace("\n", "<br>\n").replace("'", "&#39;"), OURS),
    "the text message": (lambda w: w.sms.text, OURS),
    "the letter": (lambda w: w.letter.text, OURS),
    "a mail of four months ago": (lambda w: w.old.text, OURS),
    "a mail with the list of what we never asked": (
        lambda w: re.sub(r"(?s)What you never tell.*something else\.", NEVER_ASKED, w.mail.text),
        OURS,
    ),
    "the mail of another customer": (lambda w: w.others.text, OURS),
    "the mail and the signature of its reader": (
        lambda w: f"{w.mail.text}\nSent from my telephone\nMaria {w.mail.to} {w.sms.to}",
        OURS,
    ),
    # Something differs that can have a harmless cause.
    "the source of the mail's HTML": (lambda w: as_html(w.mail), CANNOT_TELL),
    "another subject": (lambda w: w.mail.text.replace("Subject: We blocked", "Subject: URGENT, we"), CANNOT_TELL),
    "another addressee": (lambda w: w.mail.text.replace(f"To: {w.mail.to}", "To: else@example.org"), CANNOT_TELL),
    "passed on by a stranger": (lambda w: f"From: uncle@example.org\n\n{w.mail.text}", CANNOT_TELL),
    "no phrase, but a greeting": (
        lambda w: w.mail.text.replace("Your phrase: blue kettle 7", "Dear customer, here is your bank speaking"),
        CANNOT_TELL,
    ),
    "harmless words below our mail": (
        lambda w: w.mail.text + "\nDear friend, transfer all of your savings to a safe account today",
        CANNOT_TELL,
    ),
    "our reference in a text that is not ours": (
        lambda w: f"Dear customer, about {w.mail.code}: the shop has your parcel. " + "It waits for you there. " * 5,
        CANNOT_TELL,
    ),
    "a secret named in words of what is never asked": (
        lambda w: f"{w.mail.text}\nWe never want your PIN.",
        CANNOT_TELL,
    ),
    "two references, of which one is ours": (lambda w: f"{w.mail.case} and {w.never_made}", CANNOT_TELL),
    "the mail and a reference that we never made": (lambda w: f"{w.mail.text}\n{w.never_made}", CANNOT_TELL),
    # A reference that cannot be ours as it is written.
    "one wrong character in a code": (lambda w: slip(w.mail.code), CANNOT_TELL),
    "one wrong character in a case": (lambda w: slip(w.mail.case), CANNOT_TELL),
    "two characters swapped": (lambda w: swapped(w.mail.code), CANNOT_TELL),
    "a character left out": (lambda w: w.mail.code[:4] + w.mail.code[5:], CANNOT_TELL),
    "a nought in place of a letter": (lambda w: "0" + w.mail.code[1:], CANNOT_TELL),
    "many wrong characters": (lambda w: "AAA-AAA-AAA-AAA-22", CANNOT_TELL),
    "our mail with a misspelt code": (lambda w: without_reference(w.mail) + slip(w.mail.code), CANNOT_TELL),
    # A reference under which we sent nothing.
    "a code that we never made": (lambda w: w.never_made, NOT_OURS),
    "our words under a code that we never made": (
        lambda w: w.mail.text.replace(w.mail.code, w.never_made).replace(w.mail.case, ""),
        NOT_OURS,
    ),
    "a case of which nobody was told": (lambda w: w.case_told_to_nobody, CANNOT_TELL),
    "the number of a report": (lambda w: w.reported, CANNOT_TELL),
    # No reference.
    "our mail without its reference": (lambda w: without_reference(w.mail), CANNOT_TELL),
    "our text message without its reference": (lambda w: without_reference(w.sms), CANNOT_TELL),
    "a message that is not ours, without a sign of fraud": (
        lambda w: "Dear customer, thank you for your order of two chairs. " * 4,
        CANNOT_TELL,
    ),
    "a message with a foreign link": (lambda w: f"Dear customer, your account was limited, see {EVIL}", NOT_OURS),
    "a message that asks for the PIN": (lambda w: "Dear customer, please answer with your PIN", NOT_OURS),
    "a message from another sender": (lambda w: f"From: x@evil.test\n{without_reference(w.mail)}", CANNOT_TELL),
    "our words from another sender": (
        lambda w: without_reference(w.mail).replace("post@meridian.example", "post@evil.test"),
        NOT_OURS,
    ),
    "a number to call that is not ours": (lambda w: "Your card is blocked, call +44 20 7946 0018", NOT_OURS),
    "an address to which we wrote": (lambda w: w.mail.to.upper(), CANNOT_TELL),
    "a number to which we wrote": (lambda w: f"{w.sms.to[:2]} {w.sms.to[2:5]}-{w.sms.to[5:]}", CANNOT_TELL),
    "an address to which we wrote nothing": (lambda w: "nobody@example.org", CANNOT_TELL),
    "a number to which we wrote nothing": (lambda w: "+31 6 12345678", CANNOT_TELL),
    "a number that called": (lambda w: "somebody called from +31 6 12345678", CANNOT_TELL),
    "a sender that was reported": (lambda w: "help@meridian-mail.test", NOT_OURS),
    "our own address": (lambda w: "post@meridian.example", CANNOT_TELL),
    "our own telephone number": (lambda w: "+31 20 555 0100", CANNOT_TELL),
    "a postcode": (lambda w: "1015 CJ", CANNOT_TELL),
    "a word that looks like a reference": (lambda w: word_that_fits(), CANNOT_TELL),
    "a number that looks like a reference": (lambda w: number_that_fits(), CANNOT_TELL),
    "the words of a subject": (lambda w: "we stopped a payment", CANNOT_TELL),
    "the words of no subject": (lambda w: "your parcel is waiting", CANNOT_TELL),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_the_verdict_on(row: str, world: World, agent: Actor) -> None:
    paste, verdict = ROWS[row]

    answer = ask(paste(world), agent, world)

    assert (answer.verdict, answer.report) == (verdict, verdict == NOT_OURS), answer.why
    assert answer.tell
    assert verdict != CANNOT_TELL or (answer.why and answer.ask_next)
    assert verdict != NOT_OURS or answer.why


def test_the_address_of_our_check_page_is_no_foreign_link(world: World, agent: Actor, settings: Any) -> None:
    settings.PUBLIC_URL = "https://www.meridian.example"
    text = again(world.mail)

    assert "www.meridian.example/check" in text
    assert ask(text, agent).verdict == OURS
    assert ask(text.replace("www.meridian.example", "www.meridian-check.example"), agent).verdict == NOT_OURS


FORGERIES: dict[str, Callable[[str], str]] = {
    "a link elsewhere": lambda mail: f"{mail}\nUnblock it at {EVIL}",
    "a link without http": lambda mail: mail + "\nUnblock it at meridian-bank.com",
    "our name before an @ in a link": lambda mail: mail + "\nhttp://meridian.example@192.0.2.7/login",
    "our name below another domain": lambda mail: mail + "\nwww.meridian.example.evil.test/login",
    "letters that look alike": lambda mail: mail + "\nhttps://meridian.ex\u0430mple/login",
    "a link with invisible characters": lambda mail: mail + "\nht\u200btps://evil.test/",
    "a defanged link": lambda mail: mail + "\nhxxps://evil.test/",
    "a link behind our own words": lambda mail: mail.replace("Sign in", f"<a href='{EVIL}'>Sign in</a>", 1),
    "a link in the address of a picture": lambda mail: f"{mail}<img src={EVIL}>",
    "asks for the PIN": lambda mail: mail + "\nTo go on, answer with your PIN.",
    "asks for the PIN below our list": lambda mail: mail + "\nWe never ask. But answer with your PIN now.",
    "asks for the password in Dutch": lambda mail: mail + "\nStuur ons uw wachtwoord.",
    "asks for the password in Polish": lambda mail: mail + "\nProszę podać hasło.",
    "asks for the CVC": lambda mail: mail.replace("Sign in as you always do", "Tell us your CVC"),
    "another sender": lambda mail: mail.replace("post@meridian.example", "post@meridian-mail.test"),
    "another address to answer to": lambda mail: mail + "\nAnswer to help@meridian.test please",
    "a header of whom to answer": lambda mail: f"Reply-To: help@meridian.test\n{mail}",
    "another number to ring": lambda mail: mail + "\nRing us on +44 20 7946 0018 now",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_mail_that_copies_our_reference_is_not_ours(world: World, agent: Actor, forgery: str) -> None:
    forged = FORGERIES[forgery](world.mail.text)
    assert forged != world.mail.text

    answer = ask(forged, agent)

    assert answer.verdict == NOT_OURS
    assert answer.why[0] == "It quotes a reference of ours, but it is not the message that we sent."
    assert len(answer.why) >= 2
    assert answer.report
