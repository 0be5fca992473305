"""The crafted mails of threat 11, each with what must be seen in it: exact reasons, and the hint that follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from backoffice.mail_orders import reasons
from backoffice.mail_orders.models import Hint
from tests.mail_orders.crafting import (
    ON_FILE,
    PLAIN,
    SERVER,
    STRANGER,
    TEXT,
    attached,
    dated,
    in_parts,
    mail,
    sealed,
    signed,
)

R = reasons.Reason
AGREES, SUSPICIOUS, FORGED = Hint.AGREES, Hint.SUSPICIOUS, Hint.FORGED


@dataclass(frozen=True)
class Crafted:
    """`on_file` and `former` are the customer's addresses, `away` the names for which no name server answers."""

    name: str
    raw: bytes
    hint: Hint
    reasons: set[R]
    ip: str = SERVER
    mail_from: str = ON_FILE
    on_file: tuple[str, ...] = (ON_FILE,)
    former: tuple[str, ...] = ()
    away: tuple[str, ...] = ()
    known: bool = True
    authserv_id: str = ""
    sealers: frozenset[str] = field(default_factory=frozenset)


def thief(name: str, sender: str, hint: Hint, reasons: set[R], **more: str) -> Crafted:
    """Somebody with a domain and a server of their own, where all is in order."""
    host = sender.rpartition("@")[2]
    raw = signed(mail(From=f"Maria Jansen <{sender}>", **more), host.encode("idna").decode())
    return Crafted(name, raw, hint, reasons, ip=STRANGER, mail_from=f"x@{host.encode('idna').decode()}")


GENUINE = (
    Crafted("genuine, signed, from its server", signed(mail()), AGREES, {R.VOUCHED, R.ON_FILE}),
    Crafted("genuine, from its server alone", mail(), AGREES, {R.VOUCHED, R.NOT_SIGNED, R.ON_FILE}),
    Crafted(
        "genuine, forwarded without a seal",
        signed(mail()),
        SUSPICIOUS,
        {R.VOUCHED, R.SPF_FAILS, R.ON_FILE},
        ip=STRANGER,
    ),
    Crafted("genuine, signed by a subdomain", signed(mail(), "mail.example.org"), AGREES, {R.VOUCHED, R.ON_FILE}),
    Crafted(
        "genuine, by the word of our own server",
        b"Authentication-Results: mx.meridian.example; spf=pass smtp.mailfrom=maria.jansen@example.org\r\n" + mail(),
        AGREES,
        {R.VOUCHED, R.NOT_SIGNED, R.ON_FILE},
        ip="127.0.0.1",
        authserv_id="mx.meridian.example",
    ),
    Crafted(
        "genuine, forwarded by a server whose word we take",
        sealed(mail()),
        SUSPICIOUS,
        {R.NOT_SIGNED, R.SPF_FAILS, R.FORWARDED_BY_TRUSTED, R.DMARC_FAILS, R.ON_FILE},
        ip=STRANGER,
        sealers=frozenset({"forwarder.example"}),
    ),
)
FORGED_SENDER = (
    Crafted(
        "a forged sender from a thief's server",
        mail(),
        FORGED,
        {R.NOT_SIGNED, R.SPF_FAILS, R.DMARC_FORBIDS, R.ON_FILE},
        ip=STRANGER,
    ),
    Crafted(
        "a forged sender, with the thief's own envelope",
        mail(),
        FORGED,
        {R.NOT_SIGNED, R.DMARC_FORBIDS, R.ENVELOPE_ELSEWHERE, R.ON_FILE},
        ip=STRANGER,
        mail_from="x@thief.example",
    ),
    Crafted(
        "a forged sender, signed by the thief",
        signed(mail(), "thief.example"),
        FORGED,
        {R.SIGNED_BY_OTHER, R.DMARC_FORBIDS, R.ENVELOPE_ELSEWHERE, R.ON_FILE},
        ip=STRANGER,
        mail_from="x@thief.example",
    ),
    Crafted(
        "an envelope that begins like the forged domain, up to a hyphen",
        signed(mail(), "example.org-secure.net"),
        FORGED,
        {R.SIGNED_BY_OTHER, R.DMARC_FORBIDS, R.ENVELOPE_ELSEWHERE, R.ON_FILE},
        ip=STRANGER,
        mail_from="x@example.org-secure.net",
    ),
    Crafted(
        "a forged sender whose domain asks for no consequence",
        mail(From="Maria <m.jansen@lenient.example>"),
        SUSPICIOUS,
        {R.NOT_SIGNED, R.SPF_FAILS, R.DMARC_FAILS, R.ON_FILE},
        ip=STRANGER,
        mail_from="m.jansen@lenient.example",
        on_file=("m.jansen@lenient.example",),
    ),
    Crafted(
        "a sender whose domain says nothing of its mails",
        signed(mail(From="Maria <m.jansen@plain.example>"), "plain.example"),
        SUSPICIOUS,
        {R.NO_POLICY, R.ON_FILE},
        mail_from="m.jansen@plain.example",
        on_file=("m.jansen@plain.example",),
    ),
    Crafted(
        "a domain with two policies has none",
        mail(From="Maria <m.jansen@twice.example>"),
        SUSPICIOUS,
        {R.NOT_SIGNED, R.NO_POLICY, R.ON_FILE},
        mail_from="m.jansen@twice.example",
        on_file=("m.jansen@twice.example",),
    ),
    Crafted(
        "a strict domain, signed by its subdomain",
        signed(mail(From="Maria <m.jansen@strict.example>"), "mail.strict.example"),
        FORGED,
        {R.SPF_FAILS, R.DMARC_FORBIDS, R.ON_FILE},
        ip=STRANGER,
        mail_from="m.jansen@strict.example",
        on_file=("m.jansen@strict.example",),
    ),
    Crafted(
        "a stranger's server says that all is well",
        b"Authentication-Results: mx.meridian.example; spf=pass; dkim=pass; dmarc=pass\r\n" + mail(),
        FORGED,
        {R.NOT_SIGNED, R.SPF_FAILS, R.DMARC_FORBIDS, R.ON_FILE},
        ip=STRANGER,
    ),
    Crafted(
        "the name servers of the sender are away",
        signed(mail()),
        SUSPICIOUS,
        {R.NOT_CHECKED, R.ON_FILE},
        away=("*",),
    ),
    Crafted(
        "in our own name",
        mail(From="Meridian Bank <post@meridian.example>"),
        FORGED,
        {R.NOT_SIGNED, R.SPF_FAILS, R.DMARC_FORBIDS, R.IN_OUR_NAME, R.NOT_ON_FILE},
        ip=STRANGER,
        mail_from="post@meridian.example",
    ),
)
CHANGED = (
    Crafted(
        "the text was changed after signing",
        signed(mail()).replace(b"my card is lost", b"my card was stolen"),
        FORGED,
        {R.SIGNATURE_BROKEN, R.SPF_FAILS, R.DMARC_FORBIDS, R.ON_FILE},
        ip=STRANGER,
    ),
    Crafted(
        "the subject was changed after signing",
        signed(mail()).replace(b"Subject: My card", b"Subject: My domain"),
        FORGED,
        {R.SIGNATURE_BROKEN, R.SPF_FAILS, R.DMARC_FORBIDS, R.ON_FILE},
        ip=STRANGER,
    ),
    Crafted(
        "text was added behind a signature of a part",
        signed(mail(), whole=False) + b"Send it to Thief Street 1.\r\n",
        FORGED,
        {R.SIGNATURE_PARTIAL, R.SPF_FAILS, R.DMARC_FORBIDS, R.ON_FILE},
        ip=STRANGER,
    ),
    Crafted(
        "the key of the signature is not there",
        signed(mail(), "nokey.example.org"),
        FORGED,
        {R.SIGNATURE_BROKEN, R.SPF_FAILS, R.DMARC_FORBIDS, R.ON_FILE},
        ip=STRANGER,
    ),
    Crafted(
        "a signature of nonsense",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s; h=from; bh=AAAA; b=AAAA\r\n" + mail(),
        FORGED,
        {R.SIGNATURE_BROKEN, R.SPF_FAILS, R.DMARC_FORBIDS, R.ON_FILE},
        ip=STRANGER,
    ),
    Crafted(
        "forwarded, sealed by a stranger",
        sealed(mail()),
        FORGED,
        {R.NOT_SIGNED, R.SPF_FAILS, R.FORWARDED, R.DMARC_FORBIDS, R.ON_FILE},
        ip=STRANGER,
    ),
    Crafted(
        "changed after it was sealed",
        sealed(mail()).replace(b"my card is lost", b"my card was stolen"),
        FORGED,
        {R.NOT_SIGNED, R.SPF_FAILS, R.CHAIN_BROKEN, R.DMARC_FORBIDS, R.ON_FILE},
        ip=STRANGER,
        sealers=frozenset({"forwarder.example"}),
    ),
)
LIKE_IT = (
    thief("another ending", "maria.jansen@example.com", SUSPICIOUS, {R.VOUCHED, R.NOT_ON_FILE, R.LIKE_ENDING}),
    thief("two letters swapped", "maria.jansen@exmaple.org", SUSPICIOUS, {R.VOUCHED, R.NOT_ON_FILE, R.LIKE_SPELLING}),
    thief("a digit for a letter", "maria.jansen@examp1e.org", FORGED, {R.VOUCHED, R.NOT_ON_FILE, R.LIKE_LETTERS}),
    thief("rn for m", "rnaria.jansen@example.com", SUSPICIOUS, {R.VOUCHED, R.NOT_ON_FILE}),
    thief("another provider", "maria.jansen@thief.example", SUSPICIOUS, {R.VOUCHED, R.NOT_ON_FILE, R.LIKE_NAME}),
    thief("a stranger altogether", "ewa@thief.example", SUSPICIOUS, {R.VOUCHED, R.NOT_ON_FILE}),
    thief(
        "a Cyrillic letter in the domain",
        "maria.jansen@ex\u0430mple.org",
        FORGED,
        {R.VOUCHED, R.NOT_ON_FILE, R.LIKE_LETTERS, R.MIXED_SCRIPTS},
    ),
    Crafted(
        "the address that was on file before",
        signed(mail()),
        SUSPICIOUS,
        {R.VOUCHED, R.FORMER},
        on_file=("maria@elsewhere.example",),
        former=(ON_FILE,),
    ),
    Crafted("a sender whom nobody knows", signed(mail()), SUSPICIOUS, {R.VOUCHED, R.UNKNOWN_SENDER}, known=False),
    Crafted(
        "another address in the name",
        signed(mail(From=f'"{ON_FILE}" <ewa@thief.example>'), "thief.example"),
        SUSPICIOUS,
        {R.VOUCHED, R.NAME_IS_ADDRESS, R.NOT_ON_FILE},
        ip=STRANGER,
        mail_from="ewa@thief.example",
    ),
    Crafted(
        "our company in the name",
        signed(mail(From="=?utf-8?q?Meridian_B=C3=A1nk?= <ewa@thief.example>"), "thief.example"),
        SUSPICIOUS,
        {R.VOUCHED, R.NAME_IS_OURS, R.NOT_ON_FILE},
        ip=STRANGER,
        mail_from="ewa@thief.example",
    ),
    Crafted(
        "an answer goes elsewhere",
        signed(mail(Reply_To="maria.jansen@thief.example")),
        SUSPICIOUS,
        {R.VOUCHED, R.REPLY_ELSEWHERE, R.ON_FILE},
    ),
    Crafted(
        "an answer goes nowhere that can be read",
        signed(mail(Reply_To="maria.jansen@example.org <x@thief.example>")),
        SUSPICIOUS,
        {R.VOUCHED, R.REPLY_ELSEWHERE, R.ON_FILE},
    ),
    Crafted(
        "sent for somebody else",
        signed(mail(Sender="ewa@thief.example")),
        SUSPICIOUS,
        {R.VOUCHED, R.SENT_FOR_OTHER, R.ON_FILE},
    ),
)
HTML = "Content-Type: text/html; charset=utf-8\r\n\r\n"
CONTENT = (
    *(
        Crafted(f"urgent: {words}", signed(mail(f"{words}!\r\n{TEXT}")), SUSPICIOUS, {R.VOUCHED, R.URGENT, R.ON_FILE})
        for words in ("This is URGENT", "Graag met spoed", "To jest pilne", "Proszę natychmiast")
    ),
    Crafted(
        "a link that leads elsewhere",
        signed(mail(**in_parts(f'{HTML}<a href="https://thief.example/x"><b>www.example.org</b></a>'))),
        SUSPICIOUS,
        {R.VOUCHED, R.LINK_ELSEWHERE, R.ON_FILE},
    ),
    Crafted(
        "a link that leads where it says",
        signed(mail(**in_parts(f'{HTML}<a href="https://login.example.org/x">www.example.org</a>'))),
        AGREES,
        {R.VOUCHED, R.ON_FILE},
    ),
    Crafted(
        "a program is attached",
        signed(mail(**in_parts(PLAIN, attached("update.exe")))),
        SUSPICIOUS,
        {R.VOUCHED, R.ATTACHMENT_DANGEROUS, R.ON_FILE},
    ),
    Crafted(
        "a program that pretends to be a document",
        signed(mail(**in_parts(PLAIN, attached("passport.pdf.exe", "application/pdf")))),
        SUSPICIOUS,
        {R.VOUCHED, R.ATTACHMENT_DISGUISED, R.ON_FILE},
    ),
    Crafted(
        "an old date", signed(mail(Date=dated(timedelta(days=7)))), SUSPICIOUS,
        {R.VOUCHED, R.DATE_WRONG, R.ON_FILE},
    ),
    Crafted(
        "a date that is still to come", signed(mail(Date=dated(-timedelta(days=1)))), SUSPICIOUS,
        {R.VOUCHED, R.DATE_WRONG, R.ON_FILE},
    ),
    Crafted("no date", mail(drop=["Date"]), SUSPICIOUS, {R.VOUCHED, R.NOT_SIGNED, R.NO_DATE, R.ON_FILE}),
    Crafted(
        "an automatic answer", signed(mail(Auto_Submitted="auto-replied")), AGREES,
        {R.VOUCHED, R.AUTOMATIC, R.ON_FILE},
    ),
    Crafted("a mail of a list", signed(mail(Precedence="bulk")), AGREES, {R.VOUCHED, R.AUTOMATIC, R.ON_FILE}),
    Crafted("a bounce", signed(mail()), AGREES, {R.VOUCHED, R.AUTOMATIC, R.ON_FILE}, mail_from=""),
)  # fmt: skip
CORPUS = (*GENUINE, *FORGED_SENDER, *CHANGED, *LIKE_IT, *CONTENT)
