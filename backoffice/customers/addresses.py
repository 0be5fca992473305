"""How mail addresses and telephone numbers are normalised, compared, and shown masked; for postal addresses, see
`postal`."""

from __future__ import annotations

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from backoffice import dialling, idn
from backoffice.customers.models import ContactKind
from backoffice.customers.postal import HIDDEN
from backoffice.refusals import Invalid
from backoffice.sealed import keyed_hash
from backoffice.text import kept, normalised, plain_dashes

COSTS_EXTRA = _lazy("It costs extra to ring this number, so we do not. Give one of another kind.")


def _clean_mail(value: str, field: str) -> str:
    name, _at, host = kept(value).replace("\uff20", "@").rpartition("@")
    if not name.isascii():
        name = plain_dashes(normalised(name, "NFKC"))
    mail = f"{name}@{idn.to_ascii(host) or ''}"
    try:
        validate_email(mail)
    except ValidationError:
        raise Invalid({field: [_("This is not an e-mail address. It reads like name@example.org.")]}) from None
    return mail


def _clean_phone(value: str, country: str, field: str) -> str:
    try:
        number = phonenumbers.parse(kept(value), country or None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise Invalid({field: [_("This is not a telephone number. Write it with its country: +31 20 555 0100.")]})
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def clean(*, kind: str, value: str, country: str = "", field: str = "value") -> str:
    """The address in its normal form: mail with its domain in ASCII, so that it is sent to this domain and to no other
    (`idn`); a telephone number as E.164. `country` (ISO 3166-1) is for a number without a country. Raises Invalid on
    `field`, also for a postal address that is not in its parts.
    """
    if kind == ContactKind.MAIL:
        return _clean_mail(value, field)
    if kind == ContactKind.PHONE:
        return _clean_phone(value, country, field)
    raise Invalid({field: [_("Give a postal address in its parts: street, postal code, town, country.")]})


def clean_to_reach(*, kind: str, value: str, country: str = "", field: str = "value") -> str:
    """As `clean`, for an address at which we reach somebody. A number that earns money from whoever rings it is refused
    on `field`: with one of those among the numbers that we ring, our own calls would pay a thief (toll fraud)."""
    cleaned = clean(kind=kind, value=value, country=country, field=field)
    if kind == ContactKind.PHONE and dialling.costs_extra(cleaned):
        raise Invalid({field: [str(COSTS_EXTRA)]})
    return cleaned


def with_ascii_domain(mail: str) -> str:
    """A mail address as `clean` writes it, also one that an older version stored with its domain as people write it."""
    name, _at, host = mail.rpartition("@")
    return f"{name}@{idn.to_ascii(host) or host}"


def index_of(*, kind: str, value: str) -> str:
    """The blind index of an address that `clean` returned, or of a postal address's words and country; capital letters
    and spaces make no difference.

    Two mail addresses are the same when their domains are, in whichever form they are written, and the names before
    the @ differ at most in case. RFC 5321 lets a server tell `Maria` from `maria`, but none does, and a stranger must
    not pass as another by a capital letter. `ß` and `ss` are two letters in both.
    """
    return keyed_hash(f"contact.{kind}", _compared_mail(value) if kind == ContactKind.MAIL else _compared(value))


def ending_index_of(*, value: str, digits: int) -> str:
    """The blind index of the last four or six digits of a telephone number from `clean`.

    Customers read out the last digits of their number, and a display shows no more of some. Whoever steals the database
    without its key learns from it which numbers end alike, and nothing of the digits: `masked` shows two of them.
    """
    return keyed_hash(f"contact.phone.last_{digits}", value[-digits:])


def _compared(value: str) -> str:
    return " ".join(value.casefold().split())


def _compared_mail(value: str) -> str:
    name, _at, host = kept(value).rpartition("@")
    return f"{name.lower()}@{idn.to_ascii(host) or host.lower()}"


def _masked_phone(value: str) -> str:
    number = phonenumbers.parse(value)
    return f"+{number.country_code} {HIDDEN} {HIDDEN[:2]}{value[-2:]}"


def mask(*, kind: str, value: str) -> str:
    """The part of an address from `clean` that people may see: `h•••@example.org`, `+31 ••• ••12`."""
    if kind == ContactKind.MAIL:
        name, _at, host = value.rpartition("@")
        return f"{name[0] if len(name) > 1 else ''}{HIDDEN}@{idn.to_unicode(host)}"[:80]
    return _masked_phone(value)
