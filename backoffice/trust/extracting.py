"""Extracts from a text, for "is this ours?", its references, addresses and links, and the secrets that it asks for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit

import phonenumbers

from backoffice.references import tidy_reference

LONGEST = 20_000
REFERENCE_LENGTHS = (7, 14)
_CHAR = "[0-9A-Za-z]"
_REFERENCE = re.compile(
    rf"(?<![\w-]){_CHAR}{{3}}-{_CHAR}{{3}}-(?:{_CHAR}{{3}}-{_CHAR}{{3}}-{_CHAR}{{2}}|{_CHAR})(?![\w-])"
)
_MAIL = re.compile(r"[\w.+%'-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(r"(?i)(?:https?|hxxps?|ftp)://[^\s<>\"')\]]+|\bwww\.[^\s<>\"')\]]+")
_BARE_LINK = re.compile(
    r"(?i)(?<![@\w.-])[\w-]+(?:\.[\w-]+)*\."
    r"(?:[a-z]{2,24}/[^\s<>\"')\]]*|(?:com|net|org|info|biz|eu|nl|pl|de|be|fr|uk|co|io|me|ru|cn|xyz|top|site|shop|app|"
    r"online|link|click|live|support|bank)(?![\w/.-]))"
)
_SECRET = re.compile(
    r"(?i)\b(pin|pin[- ]?code|pincode|cvc2?|cvv2?|password|passcode|wachtwoord|hasło|hasła|"
    r"(?:one[- ]time|security|verification|sms)[- ]code|kod sms)\b"
)
_HEADER = re.compile(r"(?im)^[ \t>]*(from|van|od|to|aan|do|subject|onderwerp|temat|date|datum|data)[ \t]*:[ \t]*(.*)$")
_HEADERS = {"from": "from", "van": "from", "od": "from", "to": "to", "aan": "to", "do": "to"} | dict.fromkeys(
    ("subject", "onderwerp", "temat"), "subject"
)


@dataclass(frozen=True)
class Extracted:
    """A text and what was found in it. Hosts and mail addresses are in lower case, telephone numbers in E.164."""

    text: str
    country: str = "NL"
    """The country of telephone numbers that are written without one."""
    headers: dict[str, str] = field(default_factory=dict)

    @cached_property
    def references(self) -> list[str]:
        """References whose check character fits, in their one written form."""
        return [tidy for tidy in map(tidy_reference, self._like_references) if tidy]

    @cached_property
    def broken_references(self) -> list[str]:
        """What looks like a reference, but has a wrong check character."""
        return [found for found in self._like_references if not tidy_reference(found)]

    @cached_property
    def _like_references(self) -> list[str]:
        joined = re.sub(r"[\s-]", "", self.text) if len(self.text) <= 40 else ""
        if len(joined) in REFERENCE_LENGTHS and joined.isascii() and joined.isalnum() and _is_no_word(joined):
            return [joined]
        return [found for found in _REFERENCE.findall(self.text) if re.search("[A-Za-z]", found)]

    @cached_property
    def mails(self) -> list[str]:
        return _once(found.lower().rstrip(".") for found in _MAIL.findall(self.text))

    @cached_property
    def phones(self) -> list[str]:
        without = _REFERENCE.sub(" ", self.text)
        found = phonenumbers.PhoneNumberMatcher(without, self.country)
        return _once(phonenumbers.format_number(m.number, phonenumbers.PhoneNumberFormat.E164) for m in found)

    @cached_property
    def hosts(self) -> list[str]:
        """The hosts that its links lead to, with their port, also for links without http. Text before an @ does not
        count."""
        without_mails = _MAIL.sub(" ", self.text)
        links = _LINK.findall(without_mails) + _BARE_LINK.findall(_LINK.sub(" ", without_mails))
        return _once(_host(link) for link in links)

    @cached_property
    def words(self) -> list[str]:
        return re.findall(r"\w+", self.text)

    def rest_after(self, *ours: str) -> str:
        """The text without its header lines and without the sentences of `ours`: the rest was written by somebody
        else."""
        rest = plain(_HEADER.sub(" ", self.text))
        for sentence in sorted({s for text in ours for s in _sentences(text)}, key=len, reverse=True):
            rest = rest.replace(sentence, " ")
        return rest


def extract(text: str, *, country: str = "NL") -> Extracted:
    """Reads up to `LONGEST` characters. Invisible ones are dropped, and full-width and similar forms become plain
    (NFKC)."""
    tidy = "".join(char for char in unicodedata.normalize("NFKC", text[:LONGEST]) if _visible(char))
    headers: dict[str, str] = {}
    for name, value in _HEADER.findall(tidy):
        headers.setdefault(_HEADERS.get(name.lower(), name.lower()), value.strip())
    return Extracted(text=tidy.strip(), country=country, headers=headers)


def plain(text: str) -> str:
    """The text in a form for comparing words: lower case, single spaces, straight quotes, no `>` of quoted lines."""
    unquoted = re.sub(r"(?m)^[ \t]*(?:>[ \t]*)+", "", text).replace("’", "'").replace("‘", "'")
    return " ".join(unquoted.casefold().split())


def asks_for(text: str) -> list[str]:
    """The secrets that a text names. Our own messages name them only in the list of what we never ask."""
    return _once(found.lower() for found in _SECRET.findall(text))


def _sentences(text: str) -> list[str]:
    parts = (plain(part) for line in text.splitlines() for part in re.split(r"(?<=[.!?])\s+", line))
    return [part for part in parts if part]


def _host(link: str) -> str:
    address = re.sub(r"(?i)^hxxp", "http", link)
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        return parts.netloc.rpartition("@")[2].lower().rstrip(".,;:!?")
    except ValueError:
        return "?"


def _visible(char: str) -> bool:
    return char in "\n\t" or unicodedata.category(char) not in {"Cf", "Cc", "Cs", "Co", "Cn"}


def _is_no_word(text: str) -> bool:
    """Neither a word nor a number: it has letters and digits. One reference in many has letters only: of those, each
    that fits its check character counts."""
    has_letters, has_digits = any(c.isalpha() for c in text), any(c.isdigit() for c in text)
    return has_letters and (has_digits or tidy_reference(text) is not None)


def _once(found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(found))
