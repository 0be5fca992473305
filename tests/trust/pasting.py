"""What we sent in these tests, and the texts in which people paste it, read it out and misread it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings

from backoffice.actors import Actor, system
from backoffice.customers.addresses import index_of
from backoffice.customers.models import ContactKind, Customer
from backoffice.messages import composing
from backoffice.messages.models import Message
from backoffice.messages.telling import tell
from backoffice.references import ALPHABET, check_character, grouped, new_reference
from backoffice.trust import reporting
from backoffice.trust.models import Contact, Direction
from backoffice.trust.recognising import recognise
from backoffice.trust.verdicts import Recognition, Verdict
from tests.factories import make_customer
from tests.messages.telling import written

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
OURS, NOT_OURS, CANNOT_TELL = Verdict.OURS, Verdict.NOT_OURS, Verdict.CANNOT_TELL
EVIL = "https://meridian-secure.example.net/login"
FRAUD = {"reason": "fraud", "last_four": "4242", "until": "2026-11-26T16:00:00+00:00"}


@dataclass(frozen=True)
class Sent:
    """A message that we sent, and the text that its reader has."""

    message: Message
    text: str

    @property
    def code(self) -> str:
        return str(self.message.contact.reference)

    @property
    def case(self) -> str:
        return str(self.message.contact.case_reference)

    @property
    def to(self) -> str:
        return str(self.message.destination.value)


@dataclass(frozen=True)
class World:
    """What there is: a mail, a text message and a letter about one case, the mail of somebody else, and an old one."""

    customer: Customer
    mail: Sent
    sms: Sent
    letter: Sent
    others: Sent
    old: Sent
    called: Contact
    case_told_to_nobody: str
    never_made: str
    reported: str


def send(customer: Customer, channel: str, *, now: datetime = NOW, **changes: Any) -> Sent:
    what: dict[str, Any] = {"template": "card_blocked", "context": FRAUD, "case_id": uuid4()}
    what |= {"case_reference": new_reference(), "channels": (channel,), "by": system()}
    message = written(tell, customer=customer, now=now, **(what | changes))[0]
    return Sent(message, text_of(message))


def again(sent: Sent) -> str:
    """The text of a message as it is composed now."""
    return text_of(sent.message)


def text_of(message: Message) -> str:
    channel = message.contact.channel
    assert message.contact.customer is not None
    frame = {"mail": composing.mail, "sms": composing.sms, "letter": composing.letter}[channel]
    words = frame(
        message.template,
        customer=message.contact.customer,
        case_reference=message.contact.case_reference,
        check_code=message.contact.reference,
        context=message.context,
    )
    head = f"From: {settings.DEFAULT_FROM_EMAIL}\nTo: {message.destination.value}\nSubject: {words.subject}\n\n"
    return head + words.text if channel == "mail" else words.text


def make_world() -> World:
    customer = make_customer()
    customer.phrase = "blue kettle 7"
    customer.save(update_fields=["phrase"])
    mail = send(customer, "mail")
    old = send(customer, "mail", now=NOW - timedelta(days=120))
    called = Contact.objects.create(
        customer=customer, channel="call", purpose="call", address_index=mail.message.contact.address_index, at=NOW
    )
    liar = "help@meridian-mail.test"
    reported = Contact.objects.create(
        channel="mail",
        direction=Direction.IN,
        purpose=reporting.PURPOSE,
        address_index=index_of(kind=ContactKind.MAIL, value=liar),
        at=NOW,
    )
    return World(
        customer=customer,
        mail=mail,
        sms=send(customer, "sms", case_reference=mail.case),
        letter=send(customer, "letter", template="post_code", context={"code": "7KQ4-MX2R"}),
        others=send(make_customer(), "mail"),
        old=old,
        called=called,
        case_told_to_nobody=new_reference(),
        never_made=new_reference(13),
        reported=reported.reference,
    )


def ask(pasted: str, agent: Actor, world: World | None = None) -> Recognition:
    silent = {world.case_told_to_nobody} if world else set()
    return recognise(pasted=pasted, by=agent, now=NOW, cases_known=lambda references: silent & set(references))


def quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def wrapped(text: str) -> str:
    """As a mail program breaks lines in an answer; header lines stay whole."""
    head, _blank, body = text.partition("\n\n")
    words, lines = body.split(" "), [""]
    for word in words:
        if len(lines[-1]) + len(word) > 60:
            lines.append("")
        lines[-1] += f"{word} "
    return "\n".join((head, "", *lines))


def slip(reference: str) -> str:
    """One wrong character, in its second place."""
    characters = reference.replace("-", "")
    other = next(one for one in ALPHABET if one != characters[1])
    return grouped(characters[0] + other + characters[2:])


def swapped(reference: str) -> str:
    characters = reference.replace("-", "")
    place = next(place for place in range(len(characters) - 1) if characters[place] != characters[place + 1])
    return grouped(characters[:place] + characters[place : place + 2][::-1] + characters[place + 2 :])


def without_reference(sent: Sent) -> str:
    return sent.text.replace(f" [{sent.case}]", "").replace(sent.code, "").replace(sent.case, "")


def as_html(sent: Sent) -> str:
    lines = "".join(f"<p style='margin:0'>{line}</p>" for line in sent.text.splitlines())
    return f"<html xmlns='http://www.w3.org/1999/xhtml'><body>{lines}</body></html>"


def word_that_fits() -> str:
    """Seven letters whose last is the right check character."""
    bodies = (f"STRAN{one}" for one in "ABCDEFGHJKMNPQRSTVWXYZ")
    return next(body + check_character(body) for body in bodies if check_character(body).isalpha())


def number_that_fits() -> str:
    bodies = (f"23456{one}" for one in "23456789" * 2)
    found = (body + check_character(body) for body in bodies if check_character(body).isdigit())
    return next(found, "2345678")
