"""Asking a biller to wait before it cuts something off, for as long as that helps: until the next debit and a grace
after it. A biller with a system gets a signed webhook, which is renewed and lifted; the others are written to once,
and the letter says until when, so that nothing must be lifted."""

from __future__ import annotations

import smtplib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import get_template
from django.utils.formats import date_format

from backoffice.cards.autopay.models import Biller, LetterState, Line, LineState, Reach
from backoffice.customers.addresses import index_of, mask
from backoffice.customers.models import ContactKind
from backoffice.customers.postal_rules import countries
from backoffice.messages import gateway
from backoffice.messages.catalogue import code_of, known
from backoffice.messages.composing import check_page
from backoffice.messages.mail_server import mail_server
from backoffice.trust.models import Contact, ContactChannel
from backoffice.trust.register import register
from backoffice.webhooks import sending
from workflows.autopay_update.spec import AUTOPAY_UPDATE, HOLD_NOTICE, PERIODS

HOLD, LIFTED = "dunning.hold", "dunning.hold_lifted"
"""The kinds of our webhooks to billers."""
_REFUSED = (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError)
_CHANNELS = {Reach.MAIL: ContactChannel.MAIL, Reach.LETTER: ContactChannel.LETTER}


def helps_until(line: Line, today: date) -> date | None:
    """Until when to ask the biller to wait now; None when that no longer helps. Where the next debit is not known, a
    first hold is asked for once, for one period."""
    furthest = today + PERIODS.hold_at_a_time
    due = line.mandate.next_debit
    until = min(furthest, due + PERIODS.grace_after_a_debit) if due else furthest
    return until if until > today and (due or not line.holds) else None


def ask(line: Line, *, now: datetime) -> None:
    """In the transaction that puts the line on the customer's list, and again while it is there."""
    until = _longer(line, now=now)
    if until is not None and line.letter_state == LetterState.NONE:
        if line.mandate.biller.reach in _CHANNELS:
            _register_letter(line, until, now=now)
        else:
            ask_system(line, now=now)


def ask_system(line: Line, *, now: datetime) -> None:
    """A biller that has a system of its own, and no other: what it is sent needs no further step of the process."""
    biller, until = line.mandate.biller, _longer(line, now=now)
    if until is None or biller.reach != Reach.WEBHOOK or biller.endpoint is None or not biller.endpoint.active:
        return
    line.hold_until, line.holds = until, line.holds + 1
    line.save(update_fields=["hold_until", "holds"])
    _send(line, HOLD, {"until": until.isoformat()}, now=now)


def is_to_be_written_to(line: Line, *, now: datetime) -> bool:
    """Whether the biller needs a letter or mail of us, which only a step of the process can send."""
    has_none, reach = line.letter_state == LetterState.NONE, line.mandate.biller.reach
    return has_none and reach in _CHANNELS and _longer(line, now=now) is not None


def _longer(line: Line, *, now: datetime) -> date | None:
    """Until when to ask, where that is longer than it was asked before."""
    until = helps_until(line, now.date())
    return until if until is not None and (line.hold_until is None or until > line.hold_until) else None


def lift(line: Line, *, now: datetime) -> None:
    """In the transaction that settles the line. A letter that has not left stays here."""
    if line.letter_state == LetterState.WAITS:
        line.letter_state, line.hold_until = LetterState.NONE, None
        line.save(update_fields=["letter_state", "hold_until"])
    if line.hold_until is None or not line.holds:
        return
    line.hold_until, line.holds = None, line.holds + 1
    line.save(update_fields=["hold_until", "holds"])
    _send(line, LIFTED, {"moved": line.state == LineState.MOVED}, now=now)


def _send(line: Line, kind: str, said: Mapping[str, object], *, now: datetime) -> None:
    """The biller knows the payment by its own number, if we know that one, and by the last digits of the old card and
    the day of its last debit; it learns nothing that it does not have. Messages may overtake each other: of one line,
    that with the highest `number` counts."""
    last, due = line.mandate.last_debit, line.mandate.next_debit
    payload = {
        "line": str(line.public_id),
        "reference": line.mandate.reference or "",
        "old_last_four": line.had.last_four,
        "last_debit": last.isoformat() if last else "",
        "next_debit": due.isoformat() if due else "",
        "number": line.holds,
        **said,
    }
    endpoint = line.mandate.biller.endpoint
    if endpoint is not None and endpoint.active:
        sending.send(endpoint=endpoint, kind=kind, payload=payload, key=message_key(line), now=now)


def message_key(line: Line) -> str:
    """The key of the newest webhook about the line."""
    return f"autopay:{line.public_id}:{line.holds}"


# --- billers to whom we write ----------------------------------------------------------------------------------------


def _register_letter(line: Line, until: date, *, now: datetime) -> None:
    """Before it leaves, so that whoever gets it can check that it is ours."""
    biller = line.mandate.biller
    mail = biller.reach == Reach.MAIL
    kind, address = (ContactKind.MAIL, biller.mail) if mail else (ContactKind.POSTAL, biller.address)
    contact = Contact(
        channel=_CHANNELS[Reach(biller.reach)],
        purpose=code_of(HOLD_NOTICE.name, process=AUTOPAY_UPDATE.name),
        subject=_words(line, "messages/frame_subject.txt"),
        address_masked=mask(kind=kind, value=address) if mail else address.splitlines()[-1][:80],
        address_index=index_of(kind=kind, value=address),
        at=now,
    )
    register(contacts=[contact])
    line.letter, line.letter_state, line.hold_until = contact, LetterState.WAITS, until
    line.save(update_fields=["letter", "letter_state", "hold_until"])


def letters(lines: Iterable[Line]) -> Sequence[Line]:
    """Those for which a letter or mail is still to be sent."""
    return [line for line in lines if line.letter_state == LetterState.WAITS and line.letter is not None]


def write(line: Line) -> LetterState:
    """Outside any transaction: hands the letter or mail over. Whoever dies before that is noted sends the very same
    one again: a letter with the same key, a mail with the same Message-ID. Raises `OSError` when it should be tried
    again."""
    biller, contact = line.mandate.biller, line.letter
    assert contact is not None
    text = _words(line, "autopay_update/frame_biller.txt", contact.reference)
    try:
        if biller.reach == Reach.MAIL:
            _mail(biller, contact, text)
        else:
            to = f"{biller.name}\n{biller.address}\n{countries().get(biller.country, '')}".rstrip()
            gateway.post_letter(to=to, subject=contact.subject, text=text, reference=contact.reference)
    except (gateway.GatewayRefusalError, *_REFUSED):
        return LetterState.REFUSED
    return LetterState.SENT


def _mail(biller: Biller, contact: Contact, text: str) -> None:
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    headers = {"Message-ID": f"<{contact.reference}@{host}>", "X-Countersign-Reference": contact.reference}
    with mail_server() as connection:
        EmailMessage(contact.subject, text, to=[biller.mail], connection=connection, headers=headers).send()


def _words(line: Line, frame: str, check_code: str = "") -> str:
    """In the language of the settings: nobody knows the biller's."""
    kind = known(code_of(HOLD_NOTICE.name, process=AUTOPAY_UPDATE.name))
    last, due, until = line.mandate.last_debit, line.mandate.next_debit, line.hold_until
    values = {
        "company": settings.COMPANY_NAME,
        "phone": settings.COMPANY_PHONE,
        "check_code": check_code,
        "check_page": check_page(),
        "frame": frame,
        "biller": line.mandate.biller.name,
        "reference": line.mandate.reference or "",
        "last_four": line.had.last_four,
        "last": date_format(last, "j F Y") if last else "",
        "due": date_format(due, "j F Y") if due else "",
        "until": date_format(until, "j F Y") if until else "",
    }
    return get_template(f"messages/{kind.path}").render(values).strip()
