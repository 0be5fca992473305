"""Postal addresses in their parts: checked by the rules of their country, written as it writes them, and fitted to the
label of a letter. Every part is in Latin letters; see `postal_rules`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec
from django.utils.translation import gettext as _

from backoffice.customers.postal_rules import (
    CODE,
    DISTRICT,
    REGION,
    TOWN,
    Rules,
    home,
    is_latin,
    rules_of,
    without_capitals,
)
from backoffice.refusals import Invalid
from backoffice.text import kept

LONGEST_LINE = 45
"""Characters in one line of a label (DHL Express, MyDHL API: `addressLine1`, `cityName`). Carriers cut longer ones."""
MOST_LINES = 3
LABEL_LINES = 2
"""The lines of an address that issuers of cards take beside the name and the town."""
LINES = tuple(f"line{number}" for number in range(1, MOST_LINES + 1))
PARTS = ("country", "recipient", *LINES, "code", "town", "district", "region")
"""The parts as forms and JSON name them."""
_LETTER_OF = {"town": TOWN, "district": DISTRICT, "region": REGION, "code": CODE}
_PART = re.compile("%([A-Z])")
HIDDEN = "•••"
LONGEST_MASK = 80

Faults = dict[str, list[str]]


class PostalAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where a letter goes. `country` is ISO 3166-1; `recipient` is a line under the name, such as "c/o Smit"; `lines`
    are the street, the building, the post-office box. Personal data: it has no repr."""

    country: str
    lines: tuple[str, ...]
    recipient: str = ""
    postal_code: str = ""
    town: str = ""
    district: str = ""
    region: str = ""

    def __repr__(self) -> str:
        return "<PostalAddress>"

    @property
    def place(self) -> str:
        """The town, or what stands for it where addresses have none."""
        return self.town or self.district or self.region or _rules(self).shown_name

    @property
    def parts(self) -> dict[str, str]:
        """By the names of `PARTS`."""
        lines = dict(zip(LINES, (*self.lines, *[""] * MOST_LINES), strict=False))
        others = {"code": self.postal_code, "town": self.town, "district": self.district, "region": self.region}
        return {"country": self.country, "recipient": self.recipient, **lines, **others}


def of_parts(parts: dict[str, str]) -> PostalAddress:
    """The address of parts by the names of `PARTS`, as they were typed; `check` it before it is used."""
    typed = {name: _tidy(parts.get(name) or "") for name in PARTS}
    return PostalAddress(
        country=typed["country"].upper(),
        recipient=typed["recipient"],
        lines=tuple(typed[name] for name in LINES if typed[name]),
        postal_code=typed["code"],
        town=typed["town"],
        district=typed["district"],
        region=typed["region"],
    )


def stored(address: PostalAddress) -> str:
    """As JSON, to be sealed."""
    return msgspec.json.encode(address).decode()


def restored(text: str) -> PostalAddress:
    """What `stored` wrote."""
    return msgspec.json.decode(text, type=PostalAddress)


# --- checking ---------------------------------------------------------------------------------------------------------


def check(address: PostalAddress, *, prefix: str = "") -> PostalAddress:
    """The address in its normal form: `1016gc` becomes 1016 GC, `California` CA, `東京都` Tokyo.

    It holds everything that a letter and an issuer's label need later. Raises Invalid with every fault on its part:
    the names are those of `PARTS`, behind `prefix`.
    """
    rules = rules_of(address.country.upper())
    if rules is None:
        raise Invalid({f"{prefix}country": [_("Choose the country.")]})
    typed = of_parts(address.parts)
    faults = _line_faults(typed, extra=len(address.lines) - MOST_LINES)
    normal = typed.parts
    for part, letter in _LETTER_OF.items():
        normal[part], fault = _checked(rules, part, letter, normal[part])
        if fault:
            faults[part] = [fault]
    checked = of_parts(normal)
    if not faults:
        faults = _code_of_region(rules, checked) or _too_long(checked)
    if faults:
        raise Invalid({prefix + part: sentences for part, sentences in faults.items()})
    return checked


def _line_faults(typed: PostalAddress, *, extra: int) -> Faults:
    faults: Faults = {}
    if not any(one.isalnum() for line in typed.lines for one in line):
        faults["line1"] = [_("Write the street and number, or the post-office box.")]
    if extra > 0:
        faults[LINES[-1]] = [_("An address has at most %(most)d of these lines.") % {"most": MOST_LINES}]
    for name in ("recipient", *LINES):
        if fault := _text_fault(typed.parts[name]):
            faults[name] = [fault]
    return faults


def _text_fault(text: str) -> str:
    if not is_latin(text):
        return _("Write this in Latin letters, as on a letter from abroad.")
    if len(text) > LONGEST_LINE:
        return _("A line on a letter has at most %(most)d characters. Shorten it, or use another line.") % {
            "most": LONGEST_LINE
        }
    return ""


def _checked(rules: Rules, part: str, letter: str, typed: str) -> tuple[str, str]:
    """The part in its normal form, and what is wrong with it."""
    if letter not in rules.asks:
        if not typed:
            return "", ""
        return typed, _("Addresses in that country do not have this part. Write it with the street, or leave it out.")
    if not typed:
        return "", _missing(rules, part, letter) if letter in rules.needs else ""
    if part == "region" and rules.regions:
        region = rules.region(typed)
        return (region.value, "") if region else (typed, _("Choose one of the list."))
    if part == "code":
        code = rules.code(typed)
        return (code, "") if code else (typed, _not_a_code(rules))
    return typed, _text_fault(typed)


def _missing(rules: Rules, part: str, letter: str) -> str:
    if part == "code":
        return _("Write the %(part)s. It reads like %(example)s.") % {
            "part": _in_a_sentence(rules, CODE),
            "example": rules.code_examples[0],
        }
    return _("Fill in the %(part)s.") % {"part": _in_a_sentence(rules, letter)}


def _not_a_code(rules: Rules) -> str:
    return _("This is not a %(part)s (%(country)s). It reads like %(example)s.") % {
        "part": _in_a_sentence(rules, CODE),
        "country": rules.shown_name,
        "example": rules.code_examples[0],
    }


def _in_a_sentence(rules: Rules, letter: str) -> str:
    label = str(rules.labels[letter])
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def _code_of_region(rules: Rules, address: PostalAddress) -> Faults:
    region = rules.region(address.region)
    if region is None or not address.postal_code or region.has_code(address.postal_code):
        return {}
    sentence = _("This %(part)s is not in %(region)s. Look at both.")
    return {"code": [sentence % {"part": _in_a_sentence(rules, CODE), "region": region.label}]}


def _too_long(address: PostalAddress) -> Faults:
    if on_label(address) is not None:
        return {}
    sentence = _("This does not fit on the label of a letter. Shorten these lines, or leave one out.")
    return {LINES[len(address.lines) - 1]: [sentence]}


# --- writing ----------------------------------------------------------------------------------------------------------


def _tidy(text: str) -> str:
    """As `kept`, but a control character parts two words."""
    return kept("".join(" " if unicodedata.category(one) == "Cc" else one for one in text))


def formatted(address: PostalAddress, *, names: Sequence[str] = (), sent_from: str | None = None) -> list[str]:
    """The lines on a letter, as its country writes them, with the names of `names` where it writes those. The country's
    own name is the last line when the letter is sent from another one; `sent_from` is ours if it is not said."""
    rules = _rules(address)
    lines = list(_laid_out(rules, address, names))
    if address.country != (home() if sent_from is None else sent_from):
        lines.append(rules.name)
    return lines


def _rules(address: PostalAddress) -> Rules:
    rules = rules_of(address.country)
    if rules is None:
        raise ValueError("an address is checked before it is used")
    return rules


def _laid_out(rules: Rules, address: PostalAddress, names: Sequence[str]) -> Iterator[str]:
    values = {
        "A": "\n".join(address.lines),
        "N": "\n".join(name for name in (*names, address.recipient) if name),
        TOWN: address.town,
        DISTRICT: address.district,
        REGION: rules.region_on_letters(address.region),
        CODE: address.postal_code,
    }
    for pattern in rules.layout.split("%n"):
        there = [bool(values.get(letter)) for letter in _PART.findall(pattern)]
        if there and not any(there):
            continue
        line = _PART.sub(lambda part: _cased(rules, part[1], values.get(part[1], "")), pattern)
        yield from (line if all(there) else line.strip(" ,-")).splitlines()


def _cased(rules: Rules, letter: str, value: str) -> str:
    return value.upper() if letter in rules.capitals else value


def text_of(address: PostalAddress) -> str:
    """The address as people at home read it: its lines, without names and without the country."""
    return "\n".join(formatted(address, sent_from=address.country))


def mask(address: PostalAddress) -> str:
    """What people may see of it: the town, and the country if it is not ours."""
    shown = f"{HIDDEN}, {address.place}"
    country = _rules(address).shown_name
    if address.country == home() or address.place == country:
        return shown
    whole = f"{shown}, {country}"
    return whole if len(whole) <= LONGEST_MASK else f"{shown}, {address.country}"


def same_parts(one: PostalAddress, other: PostalAddress) -> bool:
    """Whether two addresses differ in nothing but capitals."""
    return {name: without_capitals(part) for name, part in one.parts.items()} == {
        name: without_capitals(part) for name, part in other.parts.items()
    }


def same_words(text: str, address: PostalAddress) -> bool:
    """Whether a text differs from an address in nothing but spaces, line breaks, commas, capitals, how the postal code
    is written, and the country's name at its end."""
    words, wanted = _words(text, address), _words(text_of(address), address)
    return words in (wanted, f"{wanted} {without_capitals(_rules(address).name)}")


def _words(text: str, address: PostalAddress) -> str:
    words = without_capitals(text.replace(",", " "))
    characters = [re.escape(one) for one in without_capitals(address.postal_code) if one.isalnum()]
    return re.sub("[ -]?".join(characters), without_capitals(address.postal_code), words) if characters else words


def on_label(address: PostalAddress, *, above: str = "") -> tuple[str, ...] | None:
    """The lines between the name and the town on the label of a carrier: at most two, of at most 45 characters each.
    `above` is a line that comes first. Neighbours share a line when they must. None when they do not fit."""
    lines = [line for line in (above, address.recipient, *address.lines, address.district) if line]
    while len(lines) > LABEL_LINES:
        pairs = [f"{one}, {next_one}" for one, next_one in pairwise(lines)]
        at = min(range(len(pairs)), key=lambda at: len(pairs[at]))
        lines[at : at + 2] = [pairs[at]]
    return tuple(lines) if all(len(line) <= LONGEST_LINE for line in lines) else None
