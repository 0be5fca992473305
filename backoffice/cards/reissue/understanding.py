"""Reads as much of a fraud signal as can be read. Nothing in a signal but its card is needed to block the card, so
nothing here raises: what cannot be read is named, field by field, and kept for a person.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from backoffice.cards.models import Card
from backoffice.cards.reissue.keeping import LONGEST_NAME, kept, short
from backoffice.text import normalised

MOST_PAYMENTS = 10
MOST_NAMED = 50
"""So many fields are named in the answer to the machine."""
OF_A_SIGNAL = frozenset({"type", "timestamp", "data"})
OF_DATA = frozenset({"card", "payments"})
MOST_DIGITS, MOST_DECIMALS = 15, 4
"""Before the point; and behind it, in the currency that has the most (ISO 4217)."""
_MOST_TEXTS = 500
MOST_PARSED = 1024 * 1024
"""Bytes. A signal is a few hundred; what is longer is read as a text, and only its beginning."""
_TEXT = re.compile(r'"([^"\\\x00-\x1f]{1,80})"')


@dataclass
class Details:
    """What a signal says besides its card. `not_understood` names each field that could not be read, with the reason;
    `rest` is the whole signal for a person to read, empty when all of it was understood."""

    payments: list[dict[str, str]] = field(default_factory=list)
    not_understood: dict[str, list[str]] = field(default_factory=dict)
    rest: str = ""

    def could_not_read(self, name: str, why: str) -> None:
        if len(self.not_understood) < MOST_NAMED:
            self.not_understood.setdefault(short(name, most=LONGEST_NAME), []).append(why)


class Unreadable:
    """Stands for the content of a body that is no JSON, or is too long to be read as such."""


def content_of(body: bytes) -> Any:
    """The JSON of the body, in any encoding that JSON may have. Halves of surrogate pairs, numbers that are none, and
    bytes that are no text are taken as they come. `Unreadable` for what is no JSON, is nested too deeply, or is
    longer than `MOST_PARSED`."""
    if len(body) > MOST_PARSED:
        return Unreadable()
    try:
        return json.loads(text_of(body), parse_float=Decimal)
    except (ValueError, RecursionError, InvalidOperation):
        return Unreadable()


def text_of(body: bytes) -> str:
    """The body as a text, of a longer one the first `MOST_PARSED` bytes."""
    return body[:MOST_PARSED].decode(json.detect_encoding(body), "replace")


def named_card(content: Any) -> str:
    """The issuer's token that the signal names, where it belongs; empty where there is none."""
    data = content.get("data") if isinstance(content, dict) else None
    token = data.get("card") if isinstance(data, dict) else None
    return token.strip() if isinstance(token, str) else ""


def card_of(body: bytes, content: Any) -> Card | None:
    """The card that the signal is about. If no card is named where it belongs, every text in the body is compared with
    our cards, and counts if exactly one of them is a card's token: it was signed, and a token is nothing that somebody
    writes by chance."""
    named = named_card(content)
    tokens = {named} if named else {found[1].strip() for found in _texts(body)}
    storable = [token for token in tokens if token.isprintable()]
    found = list(Card.objects.filter(issuer_token__in=storable).select_related("customer")[:2])
    return found[0] if len(found) == 1 else None


def _texts(body: bytes) -> list[re.Match[str]]:
    return [found for found, _count in zip(_TEXT.finditer(text_of(body)), range(_MOST_TEXTS), strict=False)]


def details_of(body: bytes, content: Any) -> Details:
    """Everything else that the signal says."""
    said = Details()
    if len(body) > MOST_PARSED:
        said.could_not_read("", _("This is too long. Only its beginning was read."))
    elif not isinstance(content, dict):
        said.could_not_read("", _("This is no JSON object."))
    else:
        _name_unknown(said, "", content, OF_A_SIGNAL)
        data = content.get("data")
        if isinstance(data, dict):
            _read_data(said, data)
        else:
            said.could_not_read("data", _("This is no JSON object."))
    if said.not_understood:
        said.rest = whole(body, content)
    return said


def _read_data(said: Details, data: Mapping[str, Any]) -> None:
    _name_unknown(said, "data.", data, OF_DATA)
    if not named_card({"data": data}):
        said.could_not_read("card", _("Send the issuer's token of the card, as a text."))
    payments = data.get("payments")
    if payments is None:
        return
    if not isinstance(payments, list):
        said.could_not_read("payments", _("Send a list."))
        return
    if len(payments) > MOST_PAYMENTS:
        said.could_not_read("payments", _("Only the first %(most)d were read.") % {"most": MOST_PAYMENTS})
    for number, payment in enumerate(payments[:MOST_PAYMENTS]):
        if isinstance(payment, dict):
            said.payments.append(_payment(said, f"payments.{number}", payment))
        else:
            said.could_not_read(f"payments.{number}", _("This is no JSON object."))


def _payment(said: Details, name: str, told: Mapping[str, Any]) -> dict[str, str]:
    """The payment with all its fields; one that could not be read is empty."""
    readers = {"id": _text, "amount": _amount, "currency": _currency, "merchant": _text, "at": _moment}
    _name_unknown(said, f"{name}.", told, frozenset(readers))
    read: dict[str, str] = {}
    for of, reader in readers.items():
        try:
            read[of] = reader(told.get(of))
        except _NotRead as not_read:
            read[of] = not_read.instead
            said.could_not_read(f"{name}.{of}", str(not_read))
    return read


class _NotRead(Exception):
    """Why a value could not be read, and what is shown of it."""

    def __init__(self, why: str, *, instead: str = "") -> None:
        super().__init__(why)
        self.instead = instead


def _text(told: Any) -> str:
    if isinstance(told, int | Decimal) and not isinstance(told, bool):
        told = str(told)
    read = short(told) if isinstance(told, str) else ""
    if not isinstance(told, str) or not read:
        raise _NotRead(_("Send a text."))
    if read != normalised(" ".join(told.split()), "NFC"):
        raise _NotRead(_("Only a part of this text could be taken as it is."), instead=read)
    return read


def _amount(told: Any) -> str:
    """With as many decimals as were sent: "12.345" in a currency that has three."""
    wrong = _NotRead(_("This is no amount. Send a number such as “12.50”, without the currency."))
    if isinstance(told, bool) or not isinstance(told, str | int | Decimal) or len(str(told)) > 40:
        raise wrong
    try:
        amount = Decimal(str(told).strip())
    except InvalidOperation:
        raise wrong from None
    if not amount.is_finite() or amount < 0 or amount.adjusted() >= MOST_DIGITS:
        raise wrong
    if -int(amount.as_tuple().exponent) > MOST_DECIMALS:
        raise wrong
    return f"{amount:f}"


def _currency(told: Any) -> str:
    if not isinstance(told, str) or not re.fullmatch(r"[A-Za-z]{3}", told.strip()):
        raise _NotRead(_("Send the three letters of the currency, such as “EUR”."))
    return told.strip().upper()


def _moment(told: Any) -> str:
    """ISO 8601; aware UTC where the signal says no zone."""
    wrong = _NotRead(_("Send a date and time such as “2026-11-22T10:00:00Z”."))
    try:
        moment = parse_datetime(told.strip()) if isinstance(told, str) else None
        if moment is None:
            raise wrong
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        raise wrong from None


def _name_unknown(said: Details, prefix: str, told: Mapping[str, Any], known: frozenset[str]) -> None:
    for name in sorted(set(told) - known):
        said.could_not_read(f"{prefix}{name}", _("We do not know this field."))


def whole(body: bytes, content: Any) -> str:
    """The signal as a person may read it. JSON is written anew, so that no escape hides what it says."""
    if isinstance(content, Unreadable):
        return kept(text_of(body))
    try:
        return kept(json.dumps(content, ensure_ascii=False, default=str))
    except (ValueError, RecursionError, TypeError):
        return kept(text_of(body))
