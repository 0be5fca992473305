"""Extracts from a text, for "is this ours?", its references, addresses and links, and the secrets that it asks for.

Everything takes time in proportion to the text, whatever it holds: 20,000 characters take less than 0.2 s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar
from urllib.parse import urlsplit

import phonenumbers

from backoffice.references import CASE_LENGTH, CODE_LENGTH, LENGTHS, characters_of, tidy_reference
from backoffice.text import folded, kept_lines, normalised, plain_dashes
from backoffice.trust.html_text import hides_something, without_tags

T = TypeVar("T")
LONGEST = 20_000
LONGEST_ALONE = 60
"""A longer text is not a reference that was typed or heard by itself."""
MOST_REFERENCES, MOST_CHANCES, MOST_NUMBERS = 20, 300, 30
"""So many references, words like references, and telephone numbers of one text are read."""
_CHAR = "[0-9A-Za-z]"
_DASHED = re.compile(
    rf"(?<![\w-]){_CHAR}{{3}} ?- ?{_CHAR}{{3}} ?- ?"
    rf"(?:{_CHAR}{{3}} ?- ?{_CHAR}{{3}} ?- ?{_CHAR}{{2}}|{_CHAR})(?![\w-])"
)
_LOOSE = re.compile(
    rf"(?<![\w-])(?:{_CHAR}{{3}} {_CHAR}{{3}} (?:{_CHAR}{{3}} {_CHAR}{{3}} {_CHAR}{{2}}|{_CHAR})"
    rf"|{_CHAR}{{{CODE_LENGTH}}}|{_CHAR}{{{CASE_LENGTH}}})(?![\w-])"
)
_ALONE = re.compile(r"[\W_]*((?:\w{3}[\W_]{1,3}){2}(?:(?:\w{3}[\W_]{1,3}){2}\w{2}|\w)|[\w\s-]+)[\W_]*")
_MAIL = re.compile(r"[\w.+%'-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"(?<![\w+])[+(]{0,2}\d(?:[ ().\-/]{0,3}\d){6,14}(?!\w)")
_LINK = re.compile(r"(?i)(?:https?|hxxps?|ftp)://[^\s<>\"')\]]+|\bwww\.[^\s<>\"')\]]+")
_BARE_LINK = re.compile(
    r"(?i)(?<![@\w.-])[\w-]+(?:\.[\w-]+)*\."
    r"(?:[a-z]{2,24}/[^\s<>\"')\]]*|(?:com|net|org|info|biz|eu|nl|pl|de|be|fr|uk|co|io|me|ru|cn|xyz|top|site|shop|app|"
    r"online|link|click|live|support|bank)(?![\w/.-]))"
)
_SECRET = re.compile(
    r"\b(pin|pin code|pincode|cvc2?|cvv2?|password|passcode|wachtwoord|haslo|hasla|"
    r"(?:one time|security|verification|sms) code|kod sms)\b"
)
_NEVER = re.compile(r"\b(never|nooit|nigdy)\b")
_HEADER = re.compile(
    r"(?im)^[ >*]*+(from|van|od|reply-to|to|aan|do|cc|bcc|subject|onderwerp|temat|date|datum|data|sent|verzonden|"
    r"wysłano|message-id)\b[ *]*:[ *]*(.*)$"
)
_HEADERS = {"van": "from", "od": "from", "aan": "to", "do": "to", "onderwerp": "subject", "temat": "subject"}
_PASSED_ON = re.compile(
    r"(?i)[ >]*+(?:[-_ ]{2,}+[^-_]{0,60}[-_ ]{2,}|.{0,200}\b(?:wrote|schreef|napisała?|napisał\(a\)|pisze)\b.{0,100}:"
    r"|(?:sent from my|verstuurd vanaf mijn|wysłane z)\b.{0,40})"
)
"""The lines that mail programs put around a message which is answered or passed on."""
LONGEST_PASSED_ON = 300


@dataclass(frozen=True)
class Extracted:
    """A text and what was found in it. Hosts and mail addresses are in lower case, telephone numbers in E.164."""

    text: str
    country: str = "NL"
    """The country of telephone numbers that are written without one."""
    is_source: bool = False
    """Whether it was the source of HTML, whose reader may see something else than its words."""

    @cached_property
    def references(self) -> list[str]:
        """What was meant as a reference, and whose check character fits, in its one written form."""
        return _once(tidy for tidy in map(_of_our_lengths, self._meant) if tidy)

    @cached_property
    def broken_references(self) -> list[str]:
        """What was meant as a reference, and has a wrong check character or a character that none of ours has."""
        return [found for found in self._meant if not _of_our_lengths(found)]

    @cached_property
    def chance_references(self) -> list[str]:
        """What may be a reference, or a word or number that looks like one: it counts only where we made it."""
        loose = [alone] if (alone := self._alone) else []
        loose += [one for one in _DASHED.findall(self._dashed) if one not in self._meant] + _LOOSE.findall(self._dashed)
        fit = _once(map(_of_our_lengths, _once(loose)[:MOST_CHANCES]))
        return [tidy for tidy in fit if tidy and tidy not in self.references]

    @cached_property
    def _meant(self) -> list[str]:
        if (alone := self._alone) and not characters_of(alone).isalpha() and not characters_of(alone).isdigit():
            return [alone]
        dashed = _once(_DASHED.findall(self._dashed))
        return [found for found in dashed if re.search("[A-Za-z]", found)][:MOST_REFERENCES]

    @cached_property
    def _alone(self) -> str:
        """The text where it can be nothing but a reference, also with one character too few or too many."""
        match = _ALONE.fullmatch(self._dashed) if len(self.text) <= LONGEST_ALONE else None
        length = len(characters_of(match[1])) if match else 0
        return match[1] if match and LENGTHS & {length - 1, length, length + 1} else ""

    @cached_property
    def _dashed(self) -> str:
        return plain_dashes(self.text)

    @cached_property
    def body(self) -> str:
        """The text without the header lines of a mail, and without the lines of those who answer or pass it on."""
        lines = _HEADER.sub(" ", self.text).splitlines()
        return "\n".join(line for line in lines if len(line) > LONGEST_PASSED_ON or not _PASSED_ON.fullmatch(line))

    def headers(self, name: str) -> list[str]:
        """The values of a header line: several where the message was passed on, that of the message itself is last."""
        return [value.strip() for found, value in self._headers if _HEADERS.get(found.lower(), found.lower()) == name]

    @cached_property
    def _headers(self) -> list[tuple[str, str]]:
        return _HEADER.findall(self.text)

    @cached_property
    def mails(self) -> list[str]:
        return mails_in(self.text)

    @cached_property
    def phones(self) -> list[str]:
        candidates = _once(_NUMBER.findall(_DASHED.sub(" ", self._dashed)))[:MOST_NUMBERS]
        return _once(number for one in candidates if (number := _phone(one, self.country)))

    @cached_property
    def hosts(self) -> list[str]:
        """The hosts that its links lead to, with their port, also for links without http. Text before an @ does not
        count."""
        without_mails = _MAIL.sub(" ", self.text)
        links = _LINK.findall(without_mails) + _BARE_LINK.findall(_LINK.sub(" ", without_mails))
        return _once(_host(link) for link in links)

    @cached_property
    def words(self) -> list[str]:
        return re.findall(r"[^\W_]+", self.body)

    @cached_property
    def run(self) -> str:
        """The words of its body, see `run_of`."""
        return run_of(self.body)


def extract(text: str, *, country: str = "NL") -> Extracted:
    """Reads up to `LONGEST` characters. Invisible ones are dropped, full-width and similar forms become plain (NFKC),
    and of HTML the words and the addresses of its links stay."""
    plain = normalised(kept_lines(text[:LONGEST]), "NFKC")[:LONGEST]
    if "<" not in plain and "&" not in plain:
        return Extracted(text=plain, country=country)
    return Extracted(text=kept_lines(without_tags(plain)), country=country, is_source=hides_something(plain))


def mails_in(text: str) -> list[str]:
    """The mail addresses in a text, in lower case."""
    return _once(found.lower() for found in _MAIL.findall(text))


def run_of(text: str) -> str:
    """The folded words of a text in a form in which whole sentences can be looked for and taken out: each word has a
    blank on both sides, and `|` stands between two sentences."""
    sentences = re.split(r"[.!?:]+(?=\s|$)", folded(text).replace("'", ""))
    runs = ("".join(f" {word} " for word in re.findall(r"[^\W_]+", sentence)) for sentence in sentences)
    return "|".join(run for run in runs if run)


def asks_for(run: str) -> list[str]:
    """The secrets that a run of words names, but not those in a sentence of what is never asked."""
    asking = [sentence for sentence in _single_spaced(run) if not _NEVER.search(sentence)]
    return _once(found for sentence in asking for found in _SECRET.findall(sentence))


def names_secrets(run: str) -> bool:
    """Whether a run of words names a secret at all."""
    return any(_SECRET.search(sentence) for sentence in _single_spaced(run))


def _single_spaced(run: str) -> list[str]:
    return [" ".join(sentence.split()) for sentence in run.split("|")]


def _of_our_lengths(typed: str) -> str | None:
    """By chance a reference with one character left out fits its check character too."""
    tidy = tidy_reference(typed)
    return tidy if tidy and len(characters_of(tidy)) in LENGTHS else None


def _phone(written: str, country: str) -> str:
    try:
        number = phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException:
        return ""
    valid = phonenumbers.is_valid_number(number)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)) if valid else ""


def _host(link: str) -> str:
    address = re.sub(r"(?i)^hxxp", "http", link)
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        return parts.netloc.rpartition("@")[2].lower().rstrip(".,;:!?")
    except ValueError:
        return "?"


def _once(found: Iterable[T]) -> list[T]:
    return list(dict.fromkeys(found))
