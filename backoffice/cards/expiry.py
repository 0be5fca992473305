"""Until when a card is valid, as it stands on the card: month and year, such as 09/31."""

from __future__ import annotations

import re

from backoffice.cards.models import Card
from backoffice.text import folded

_TYPED = re.compile(r"(0?[1-9]|1[0-2]) ?[/.,\- ] ?(?:20)?([0-9]{2})|(0[1-9]|1[0-2])(?:20)?([0-9]{2})")


def printed(card: Card) -> str:
    return f"{card.expiry_month:02d}/{card.expiry_year % 100:02d}"


def read(typed: str) -> str:
    """What somebody typed off a card, as it is printed there: "9.2031", "09 / 31" and "0931" are "09/31". Empty for
    what is no month and year."""
    found = _TYPED.fullmatch(folded(typed))
    if found is None:
        return ""
    month, year = found[1] or found[3], found[2] or found[4]
    return f"{int(month):02d}/{year}"
