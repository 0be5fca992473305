"""Chinese numbers (simplified characters, Mandarin). A gap of zeros is read as one 零; a two before what is counted and
before 百, 千, 万 and 亿 is 两."""

from __future__ import annotations

_DIGITS = "零一二三四五六七八九"
_PLACES = ((1000, "千"), (100, "百"), (10, "十"))
_GROUPS = ((100_000_000, "亿"), (10_000, "万"), (1, ""))


def cardinal(number: int) -> str:
    """A number by itself, below a thousand million: 2 is 二."""
    return _DIGITS[2] if number == 2 else counting(number)


def counting(number: int) -> str:
    """The number before what it counts: 2 is 两."""
    if number in (0, 2):
        return "两" if number else _DIGITS[0]
    text, gap = "", False
    for size, name in _GROUPS:
        group, number = divmod(number, size)
        if not group:
            gap = bool(text)
            continue
        if text and (gap or group < 1000):
            text += _DIGITS[0]
        text += ("两" if group == 2 and name else _group(group, first=not text)) + name
        gap = False
    return text


def digits(number: int) -> str:
    """Digit by digit, as years are read."""
    return "".join(_DIGITS[int(digit)] for digit in str(number))


def _group(number: int, *, first: bool) -> str:
    """From 1 to 9999. Only a number that begins with it may read 10 as 十 instead of 一十."""
    text, gap = "", False
    for size, name in _PLACES:
        digit, number = divmod(number, size)
        if not digit:
            gap = bool(text)
            continue
        text += _DIGITS[0] * gap
        gap = False
        if not (first and not text and size == 10 and digit == 1):
            text += "两" if digit == 2 and size > 10 else _DIGITS[digit]
        text += name
    return text + _DIGITS[0] * (gap and number > 0) + (_DIGITS[number] if number else "")
