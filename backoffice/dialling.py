"""Which telephone numbers cost us too much to ring: the first wall against toll fraud, in which a thief has our own
calls pay a number that earns money from whoever rings it. It knows no database, so that the voice gateway asks it, too.
"""

from __future__ import annotations

from functools import lru_cache

import phonenumbers

_TYPE = phonenumbers.PhoneNumberType
_COSTS_EXTRA = {_TYPE.PREMIUM_RATE, _TYPE.SHARED_COST, _TYPE.PERSONAL_NUMBER, _TYPE.PAGER}
"""Personal numbers, such as +44 70, and pagers ring somewhere else, at a price that who has them shares in."""
_OF_NO_COUNTRY = {870, 878, 881, 882, 883, 979}
"""Satellites, networks across borders, and premium rate everywhere (ITU-T E.164, list of assigned codes)."""


def costs_extra(number: str) -> bool:
    """Whether ringing this number (E.164) earns somebody money. What cannot be read as a number does: nobody knows
    where it would lead."""
    parsed = _parsed(number)
    if parsed is None:
        return True
    return phonenumbers.number_type(parsed) in _COSTS_EXTRA or parsed.country_code in _OF_NO_COUNTRY


def calling_code(number: str) -> int | None:
    """The first digits of a number (E.164), such as 31; None if it is none."""
    parsed = _parsed(number)
    return parsed.country_code if parsed is not None else None


@lru_cache(maxsize=4096)
def _parsed(number: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
