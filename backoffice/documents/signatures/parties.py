"""Who must sign, and whether a certificate names them.

Numbers stand in a certificate as ETSI EN 319 412-1 says (5.1.3 for people, 5.1.4 for organisations): three letters for
the kind, two for the country, a hyphen, and the number: "PNOPL-44051401359", "VATPL-1234563218". Older certificates
have the number alone, or with the name that it has in its country.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backoffice.text import folded

from .verdict import Code

_STYLED = re.compile(r"([A-Z]{3})([A-Z]{2})-(.+)")
_PLAIN_PREFIX = re.compile(r"(?:PESEL|NIP|REGON|KRS|BSN|KVK)[:\s-]*")
_OF_PEOPLE = frozenset({"PNO", "TIN", "TAX", "PAS", "IDC"})
_LEGAL_FORMS = {"spolka z ograniczona odpowiedzialnoscia": "sp z o o", "spolka akcyjna": "s a"}


@dataclass(frozen=True, slots=True)
class Number:
    """A national or company number that may stand in a certificate. `country` is ISO 3166-1 alpha-2. `kinds` are the
    kinds of EN 319 412-1 that it may have there: "PNO" for a national person number, "PAS" for a passport, "IDC" for an
    identity card, "VAT" for a tax number, "NTR" for a number in the trade register."""

    country: str
    number: str
    kinds: frozenset[str]

    def is_in(self, written: str, *, country: str) -> bool:
        """Whether an attribute of a certificate is this number. `country` is that of the certificate's subject: a
        number without a style counts only within its own country."""
        kind, where, number = read_number(written)
        if _plain(number) != _plain(self.number):
            return False
        if kind:
            return where == self.country and kind in self.kinds
        return country == self.country


def person_number(country: str, number: str) -> Number:
    """A PESEL, BSN or the like."""
    return Number(country, number, frozenset({"PNO", "TIN", "TAX"}))


def passport(country: str, number: str) -> Number:
    """A passport or an identity card."""
    return Number(country, number, frozenset({"PAS", "IDC"}))


def tax_number(country: str, number: str) -> Number:
    """A NIP or another number of an organisation that pays value added tax."""
    return Number(country, number, frozenset({"VAT", "TIN"}))


def register_number(country: str, number: str) -> Number:
    """A KRS, KVK or REGON number: the organisation's in a register of its country."""
    return Number(country, number, frozenset({"NTR"}))


@dataclass(frozen=True, slots=True)
class Representative:
    """A person who may sign for a company, `alone` or only together with another one. Without a number, the certificate
    must name the company too."""

    name: str
    numbers: tuple[Number, ...] = ()
    alone: bool = True


@dataclass(frozen=True, slots=True)
class WantedSigner:
    """A party who must sign, once. `role` is the caller's code for it. `names` are all names under which the party is
    known. A person signs themselves, and one of `numbers` must stand in their certificate. For a company one of
    `representatives` signs who may alone, or two different people of them; `numbers` are the company's own."""

    role: str
    names: tuple[str, ...]
    numbers: tuple[Number, ...] = ()
    representatives: tuple[Representative, ...] = ()
    is_company: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a certificate names: the attributes of its subject, each empty where there is none."""

    common_name: str = ""
    given_name: str = ""
    family_name: str = ""
    number: str = ""
    organisation: str = ""
    organisation_number: str = ""
    country: str = ""

    @property
    def shown(self) -> str:
        """The name as a page shows it."""
        return self.common_name or f"{self.given_name} {self.family_name}".strip() or self.organisation

    def is_named(self, name: str) -> bool:
        """The words of the name in any order, whatever their case and accents. All of them, and no others."""
        wanted = words_of(name)
        full = words_of(f"{self.given_name} {self.family_name}")
        if full:
            return bool(wanted) and full == wanted
        return bool(wanted) and words_of(self.common_name) == wanted


@dataclass(frozen=True, slots=True)
class Signatory:
    """A person who signed for a party: their name as the certificate has it, who they are by its number (by its name
    where it has none), and the entry by which they act for a company, None for who signs for themselves."""

    name: str
    identity: str
    entry: Representative | None = None

    def is_other_than(self, others: Sequence[Signatory]) -> bool:
        """Whether neither the person nor the entry is one of those who signed before."""
        return all(self.identity != one.identity and self.entry != one.entry for one in others)


def is_bound(people: Sequence[Signatory]) -> bool:
    """Whether these different people together bind the party: one who signs for themselves or may alone, or two."""
    return any(one.entry is None or one.entry.alone for one in people) or len(people) > 1


@dataclass(frozen=True, slots=True)
class Match:
    """The roles of the parties whom the certificate names, each with the person as who they sign, or why it is
    nobody's. A person may hand over what is theirs to a company that they represent: then both roles are theirs, each
    with a signature of its own."""

    people: Mapping[str, Signatory] = field(default_factory=dict)
    code: Code | None = None
    name: str = ""


def whose(subject: Subject, wanted: Sequence[WantedSigner]) -> Match:
    """The parties whom the certificate names. Else the reason that comes nearest: a wrong number under the right name
    says more than that nobody fits."""
    near: list[Match] = []
    people: dict[str, Signatory] = {}
    identity = _plain(read_number(subject.number)[2]) or " ".join(words_of(subject.shown))
    for party in wanted:
        found = _for_company(subject, party) if party.is_company else _why_not_person(subject, party)
        if isinstance(found, Code):
            if found is not Code.NOT_A_PARTY:
                near.append(Match({}, found, party.names[0] if party.names else party.role))
        else:
            people[party.role] = Signatory(subject.shown, identity, found)
    if people:
        return Match(people)
    return near[0] if near else Match({}, Code.NOT_A_PARTY)


def read_number(written: str) -> tuple[str, str, str]:
    """Kind, country and number of an attribute; the first two are empty where it has no style."""
    text = written.strip().upper()
    if styled := _STYLED.fullmatch(text):
        return styled[1], styled[2], styled[3]
    return "", "", _PLAIN_PREFIX.sub("", text, count=1)


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, sorted, without case, accents and punctuation."""
    text = " ".join(re.findall(r"\w+", folded(name)))
    for long, short in _LEGAL_FORMS.items():
        text = text.replace(long, short)
    return tuple(sorted(text.split()))


def _why_not_person(subject: Subject, party: WantedSigner) -> Code | None:
    named = any(subject.is_named(name) for name in party.names)
    return _fits(subject, named=named, numbers=party.numbers)


def _for_company(subject: Subject, party: WantedSigner) -> Representative | Code:
    """The entry of whom the certificate names, or why it names nobody. The company's own number is checked wherever the
    certificate has one: a person may represent several."""
    says_company = bool(subject.organisation_number)
    is_company = any(one.is_in(subject.organisation_number, country=subject.country) for one in party.numbers)
    codes = []
    for person in party.representatives:
        named = subject.is_named(person.name)
        if named and not person.numbers:
            code = None if is_company else Code.NUMBER_MISSING
        else:
            code = _fits(subject, named=named, numbers=person.numbers)
        if code is None:
            return Code.OTHER_COMPANY if says_company and not is_company else person
        codes.append(code)
    return next((code for code in codes if code is not Code.NOT_A_PARTY), Code.NOT_A_PARTY)


def _fits(subject: Subject, *, named: bool, numbers: Sequence[Number]) -> Code | None:
    numbered = any(one.is_in(subject.number, country=subject.country) for one in numbers)
    if named and numbered:
        return None
    if numbered:
        return Code.NAME_DIFFERS
    if not named:
        return Code.NOT_A_PARTY
    return Code.NUMBER_DIFFERS if subject.number and _comparable(subject.number, numbers) else Code.NUMBER_MISSING


def _comparable(written: str, numbers: Sequence[Number]) -> bool:
    """Whether the certificate's number is of a kind that we hold: a passport number says nothing of a PESEL."""
    kind, where, _number = read_number(written)
    return not kind or any(where == one.country and kind in one.kinds for one in numbers)


def _plain(number: str) -> str:
    return re.sub(r"[\s.\-/]", "", number).upper()
