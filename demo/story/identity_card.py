"""A copy of an identity card that never was: Piotr's, on a sheet of paper, as a scanner sees it."""

from __future__ import annotations

import io
import string

from PIL import Image, ImageDraw, ImageFont

from backoffice.documents.making import FOLDER

FONT = FOLDER / "fonts" / "IBMPlexSans.ttf"
NAMES = ("NOWAK", "PIOTR")
PESEL = "44051401359"
"""That of Piotr in the demonstration: born on 14 May 1944."""
BORN, UNTIL = "440514", "310630"
SERIES, DIGITS = "ZZC", "40817"
_VALUES = {one: value for value, one in enumerate(string.digits + string.ascii_uppercase)} | {"<": 0}
SHEET, PLACE, CARD = (1240, 1754), (200, 240), (840, 530)
"""In pixels at 150 dots an inch: a sheet of A4, and a card on it, enlarged by the copier."""


def number() -> str:
    """A number as Poland gives it to cards: the first digit after the letters is the check digit."""
    weights = (7, 3, 1, 7, 3, 1, 7, 3)
    check = sum(_VALUES[one] * weight for one, weight in zip(SERIES + DIGITS, weights, strict=True)) % 10
    return f"{SERIES}{check}{DIGITS}"


def check_digit(text: str) -> str:
    """By ICAO 9303, part 3: weights 7, 3 and 1, modulo 10."""
    return str(sum(_VALUES[one] * (7, 3, 1)[place % 3] for place, one in enumerate(text)) % 10)


def machine_lines() -> tuple[str, str, str]:
    """The three lines for machines of a card (ICAO 9303, part 5: TD1)."""
    first = f"I<POL{number()}{check_digit(number())}{PESEL}".ljust(30, "<")
    born, until = BORN + check_digit(BORN), UNTIL + check_digit(UNTIL)
    second = f"{born}M{until}POL".ljust(29, "<")
    second += check_digit(first[5:30] + born + until + second[18:29])
    return first, second, "<<".join(NAMES).ljust(30, "<")


def picture() -> bytes:
    """The sheet in JPEG. It says that it is a specimen, and the face is nobody's."""
    sheet = Image.new("RGB", SHEET, (246, 245, 240))
    draw = ImageDraw.Draw(sheet)
    left, top = PLACE
    draw.rounded_rectangle((left, top, left + CARD[0], top + CARD[1]), 28, fill=(222, 232, 226), outline=(90, 110, 100))
    draw.rectangle((left + 40, top + 120, left + 240, top + 370), fill=(190, 196, 200))
    draw.ellipse((left + 95, top + 160, left + 185, top + 270), fill=(120, 126, 132))
    draw.pieslice((left + 60, top + 280, left + 220, top + 460), 180, 360, fill=(120, 126, 132))
    small, large, machine = (ImageFont.truetype(str(FONT), size) for size in (17, 27, 29))
    draw.text((left + 40, top + 30), "RZECZPOSPOLITA POLSKA   ·   DOWÓD OSOBISTY", (60, 80, 70), large)
    facts = [("NAZWISKO / SURNAME", NAMES[0]), ("IMIĘ / GIVEN NAME", NAMES[1]), ("PESEL", PESEL)]
    facts += [("NUMER / NUMBER", f"{number()[:3]} {number()[3:]}"), ("TERMIN WAŻNOŚCI / EXPIRY", "30.06.2031")]
    for place, (label, fact) in enumerate(facts):
        draw.text((left + 280, top + 90 + place * 58), label, (80, 100, 90), small)
        draw.text((left + 280, top + 110 + place * 58), fact, (20, 30, 30), large)
    draw.text((left + 560, top + 330), "WZÓR · SPECIMEN", (160, 40, 40), large)
    for place, line in enumerate(machine_lines()):
        draw.text((left + 40, top + 400 + place * 38), " ".join(line), (20, 30, 30), machine)
    scan = io.BytesIO()
    sheet.save(scan, "JPEG", quality=80)
    return scan.getvalue()


OPENED = {
    "page_1_area_1_left": "38",
    "page_1_area_1_top": "18",
    "page_1_area_1_width": "34",
    "page_1_area_1_height": "7",
    "page_1_area_2_left": "38",
    "page_1_area_2_top": "32",
    "page_1_area_2_width": "21",
    "page_1_area_2_height": "4",
}
"""Both names, and until when the card is good."""
