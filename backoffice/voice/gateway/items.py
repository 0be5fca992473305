"""What each item looks like that a customer keys in to pay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from backoffice.voice.contract import Item
from backoffice.voice.gateway.keying import Form
from backoffice.voice.speech.sentences import Sentence

ASKED_BY: Mapping[Item, Sentence] = {
    Item.CARD_NUMBER: Sentence.CARD_NUMBER,
    Item.EXPIRY: Sentence.EXPIRY_DATE,
    Item.SECURITY_CODE: Sentence.SECURITY_CODE,
}
_ZERO = ord("0")


def form_of(item: Item, *, seconds: float, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Form:
    """How an entry of this item looks. The digits are looked at where they are, and not copied."""
    if item is Item.CARD_NUMBER:
        return Form(12, 19, seconds, fits_luhn)
    if item is Item.EXPIRY:
        return Form(4, 4, seconds, lambda digits: is_future(digits, now()))
    return Form(3, 4, seconds)


def fits_luhn(digits: memoryview) -> bool:
    """The check digit of a card number (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = (digit - _ZERO) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_future(digits: memoryview, now: datetime) -> bool:
    """Whether MMYY is a month that is not over anywhere, and not further away than cards are issued for."""
    month = 10 * (digits[0] - _ZERO) + digits[1] - _ZERO
    year = 2000 + 10 * (digits[2] - _ZERO) + digits[3] - _ZERO
    if not 1 <= month <= 12:
        return False
    months_away = (year - now.year) * 12 + month - now.month
    return -1 <= months_away <= 20 * 12 and not (months_away == -1 and now.day > 1)
