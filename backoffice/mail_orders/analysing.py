"""What a mail shows of its sender: reasons, as codes. Pure; the domain name system is asked through a resolver."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime

from backoffice import idn
from backoffice.mail_orders import look_alikes
from backoffice.mail_orders.authenticating import Authentication, authenticate, told_by_us
from backoffice.mail_orders.look_alikes import Alike
from backoffice.mail_orders.reasons import Reason
from backoffice.mail_orders.resolving import Evidence, Resolver
from backoffice.mail_orders.storing import Envelope
from backoffice.text import words_of
from backoffice.trust.mails.accepting import Accepted, NotAccepted, decoded, header, mailboxes
from backoffice.trust.mails.organisations import organisation
from backoffice.trust.mails.reading import Readable, readable

OLDEST, LATEST = timedelta(days=2), timedelta(hours=2)
"""How far the date in a mail may be before, or after, the moment when it came."""
URGENT = (
    *("urgent", "urgently", "immediately", "asap", "confidential", "final notice", "act now", "do not call"),
    *("dringend", "spoed", "onmiddellijk", "vertrouwelijk", "laatste waarschuwing", "bel niet", "vandaag nog"),
    *("pilne", "pilnie", "natychmiast", "niezwłocznie", "poufne", "ostatnie ostrzeżenie", "nie dzwoń", "jeszcze dziś"),
)
"""Words of a hurried tone: English, Dutch, Polish."""
_LONGEST_READ = 20_000


@dataclass(frozen=True)
class Company:
    """What is ours: our name, and the domains of our addresses in ASCII."""

    name: str
    domains: frozenset[str]
    authserv_id: str = ""
    sealers: frozenset[str] = frozenset()
    """Domains whose word we take for what they forward (RFC 8617)."""


@dataclass(frozen=True)
class Analysis:
    """`reasons` are all but those that compare the sender with an address on file (`of_sender`)."""

    reasons: tuple[Reason, ...]
    authentication: Authentication
    read: Readable
    answers: dict[str, list[str] | None]


def analyse(
    raw: bytes, *, accepted: Accepted, envelope: Envelope, company: Company, resolver: Resolver, now: datetime
) -> Analysis:
    """`now` is when the mail came, in UTC."""
    message, evidence = accepted.message, Evidence(resolver)
    authentication = authenticate(
        raw,
        sender=accepted.sender,
        ip=envelope.ip,
        helo=envelope.helo,
        mail_from=envelope.mail_from,
        resolver=evidence,
        told_spf=told_by_us(_all(message, "Authentication-Results"), authserv_id=company.authserv_id),
    )
    read = readable(message)
    found = (
        *_of_authentication(authentication, accepted, company),
        *_of_headers(accepted, envelope, company, authentication),
        *_of_content(message, read),
        *_of_date(message, now),
    )
    return Analysis(tuple(dict.fromkeys(found)), authentication, read, evidence.answers)


def of_sender(sender: str, *, on_file: Sequence[str], former: Sequence[str] = (), known: bool = True) -> list[Reason]:
    """How the sender's address fits the addresses on file of the customer whose mail it seems to be; `known` says
    whether there is one. Domains are in ASCII."""
    mixed = [Reason.MIXED_SCRIPTS] if look_alikes.mixes_scripts(sender) else []
    if not known:
        return [Reason.UNKNOWN_SENDER, *mixed]
    likeness = look_alikes.nearest(sender, on_file)
    if likeness is Alike.SAME:
        return [Reason.ON_FILE, *mixed]
    if look_alikes.nearest(sender, former) is Alike.SAME:
        return [Reason.FORMER, *mixed]
    closer = {
        Alike.LETTERS: [Reason.LIKE_LETTERS],
        Alike.ENDING: [Reason.LIKE_ENDING],
        Alike.SPELLING: [Reason.LIKE_SPELLING],
        Alike.NAME: [Reason.LIKE_NAME],
    }
    return [Reason.NOT_ON_FILE, *closer.get(likeness, []), *mixed]


def is_automatic(message: Message, envelope: Envelope) -> bool:
    """Whether no person wrote it: an automatic answer (RFC 3834), a bounce (RFC 3464), a list (RFC 2919)."""
    submitted = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    precedence = str(message.get("Precedence", "")).strip().lower()
    return (
        submitted != "no"
        or precedence in ("bulk", "junk", "list", "auto_reply")
        or envelope.mail_from in ("", "<>")
        or any(message.get(name) is not None for name in ("List-Id", "X-Autoreply", "X-Auto-Response-Suppress"))
        or message.get_content_type() == "multipart/report"
    )


def _of_authentication(found: Authentication, accepted: Accepted, company: Company) -> Iterator[Reason]:
    results = {one.result for one in found.signatures}
    domain = organisation(accepted.sender.rpartition("@")[2].lower())
    if not found.signatures:
        yield Reason.NOT_SIGNED
    elif "partial" in results:
        yield Reason.SIGNATURE_PARTIAL
    elif "pass" not in results and "fail" in results:
        yield Reason.SIGNATURE_BROKEN
    passed = {organisation(one.domain) for one in found.signatures if one.result == "pass"}
    if passed and domain not in passed:
        yield Reason.SIGNED_BY_OTHER
    if results & {"away", "costly"} or found.dmarc == "away" or found.spf == "temperror":
        yield Reason.NOT_CHECKED
    if found.spf in ("fail", "softfail", "permerror"):
        yield Reason.SPF_FAILS
    if found.arc == "fail":
        yield Reason.CHAIN_BROKEN
    trusted = found.arc == "pass" and found.sealer in company.sealers
    if found.arc == "pass":
        yield Reason.FORWARDED_BY_TRUSTED if trusted else Reason.FORWARDED
    if found.dmarc == "pass":
        yield Reason.VOUCHED
    elif found.dmarc == "none":
        yield Reason.NO_POLICY
    elif found.dmarc == "fail":
        forbids = found.policy in ("reject", "quarantine") and not trusted
        yield Reason.DMARC_FORBIDS if forbids else Reason.DMARC_FAILS


def _of_headers(accepted: Accepted, envelope: Envelope, company: Company, found: Authentication) -> Iterator[Reason]:
    message, sender = accepted.message, accepted.sender.lower()
    domain = organisation(sender.rpartition("@")[2])
    if domain in {organisation(one) for one in company.domains} and found.dmarc != "pass":
        yield Reason.IN_OUR_NAME
    if any(mail != sender for mail in _addresses(accepted.name)):
        yield Reason.NAME_IS_ADDRESS
    ours = words_of(company.name)
    if ours and " ".join(ours) in " ".join(words_of(accepted.name)) and domain not in company.domains:
        yield Reason.NAME_IS_OURS
    if any(mail != sender for mail in _mailboxes(message, "Reply-To")):
        yield Reason.REPLY_ELSEWHERE
    if any(mail != sender for mail in _mailboxes(message, "Sender")):
        yield Reason.SENT_FOR_OTHER
    _local, _at, host = envelope.mail_from.rpartition("@")
    if host and organisation(idn.to_ascii(host) or host) != domain:
        yield Reason.ENVELOPE_ELSEWHERE
    if is_automatic(message, envelope):
        yield Reason.AUTOMATIC
    if any(message.get(name) is not None for name in ("Resent-From", "X-Forwarded-To", "X-Forwarded-For")):
        yield Reason.FORWARDED


def _of_content(message: Message, read: Readable) -> Iterator[Reason]:
    if _is_urgent(f"{_decoded(message, 'Subject')} . {read.text[:_LONGEST_READ]}"):
        yield Reason.URGENT
    if read.links:
        yield Reason.LINK_ELSEWHERE
    if any(one.is_disguised for one in read.attachments):
        yield Reason.ATTACHMENT_DISGUISED
    elif any(one.is_dangerous for one in read.attachments):
        yield Reason.ATTACHMENT_DANGEROUS


def _of_date(message: Message, now: datetime) -> Iterator[Reason]:
    try:
        date = parsedate_to_datetime(str(message.get("Date", "")))
    except (ValueError, OverflowError):
        yield Reason.NO_DATE
        return
    zoned = date if date.tzinfo else date.replace(tzinfo=now.tzinfo)
    try:
        away = now - zoned
    except OverflowError:
        yield Reason.DATE_WRONG
        return
    if away > OLDEST or -away > LATEST:
        yield Reason.DATE_WRONG


def _is_urgent(text: str) -> bool:
    words = words_of(text)
    run = f" {' '.join(words)} "
    return any(f" {phrase} " in run for phrase in _URGENT)


_URGENT = frozenset(" ".join(words_of(phrase)) for phrase in URGENT)
_MAIL = re.compile(r"[^\s@<>()\[\],;:\"']{1,64}@[^\s@<>()\[\],;:\"']{3,253}")


def _addresses(text: str) -> list[str]:
    return [_ascii(found) for found in _MAIL.findall(text)]


def _ascii(mail: str) -> str:
    local, _at, host = mail.rpartition("@")
    return f"{local}@{idn.to_ascii(host) or host}".lower()


def _mailboxes(message: Message, name: str) -> list[str]:
    """The addresses in a header; what cannot be read counts as another one."""
    text = header(message, name)
    if not text:
        return []
    found = mailboxes(text)
    return ["unreadable"] if found is None else [address.lower() for _name, address in found]


def _decoded(message: Message, name: str) -> str:
    try:
        return decoded(header(message, name))
    except NotAccepted:
        return ""


def _all(message: Message, name: str) -> list[str]:
    return [str(value) for value in message.get_all(name, [])]
