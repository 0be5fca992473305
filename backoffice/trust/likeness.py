"""By what two reports of strange contacts are the same: a number, a mail address, a host, or much the same words.

Words are compared by a MinHash of their shingles of three (Broder 1997), in which digits, addresses and links count as
one word each, because they change from one victim to the next. Numbers, addresses and hosts are kept as keyed hashes
only. Everything takes time in proportion to the text, of which at most `MOST_WORDS` words are read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice import idn
from backoffice.customers.addresses import index_of
from backoffice.customers.models import ContactKind
from backoffice.sealed import keyed_hash
from backoffice.text import folded
from backoffice.trust.comparing import is_our_address, our_phone
from backoffice.trust.extracting import Extracted, extract, mails_in

MOST_WORDS = 600
MOST_OF_A_KIND = 5
"""So many numbers, addresses and hosts of one text count: a list of a thousand would be like everything."""
LEAST_WORDS = 6
"""Fewer words are too common to be the same by chance."""
ROWS, BANDS = 4, 10
SAME = 0.55
"""Of two sketches, the share of equal hashes from which two texts count as the same."""
EVERYBODYS = frozenset(
    (
        *("bit.ly", "t.co", "tinyurl.com", "goo.gl", "is.gd", "cutt.ly", "rb.gy", "ow.ly", "t.ly", "lnkd.in", "wa.me"),
        *("google.com", "gmail.com", "outlook.com", "microsoft.com", "apple.com", "facebook.com", "instagram.com"),
        *("whatsapp.com", "youtube.com", "t.me", "docs.google.com", "forms.gle", "w3.org", "schemas.microsoft.com"),
    )
)
"""Shorteners, and hosts of which anybody has a page: two messages that lead there need not be of one sender."""
_PRIME = (1 << 61) - 1
_WORD = re.compile(r"[^\W_]+")
_ALONE = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
"""A text that is one internet address, without anything that makes it a link."""
_VARIES = re.compile(r"\d")


class Trait(models.TextChoices):
    PHONE = "phone", _("telephone number")
    MAIL = "mail", _("mail address")
    HOST = "host", _("internet address")
    WORDS = "words", _("words")


@dataclass(frozen=True)
class Likeness:
    """What a text can be known by. `marks` are (trait, keyed hash) pairs, `sketch` the hashes of its words, empty for a
    text of too few. The plain values are for people: they are stored only sealed."""

    phones: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    sketch: tuple[int, ...] = ()

    @property
    def marks(self) -> frozenset[tuple[str, str]]:
        phones = {(Trait.PHONE.value, index_of(kind=ContactKind.PHONE, value=one)) for one in self.phones}
        mails = {(Trait.MAIL.value, index_of(kind=ContactKind.MAIL, value=one)) for one in self.mails}
        hosts = {(Trait.HOST.value, keyed_hash("host", one)) for one in self.hosts}
        return frozenset(phones | mails | hosts | {(Trait.WORDS.value, band) for band in _bands(self.sketch)})


def likeness_of(text: str, *, sender: str = "", ignore: Collection[str] = ()) -> Likeness:
    """What is in a pasted text and in what is known of its sender. Our own addresses, and those of the customer who
    reports it (`ignore`), do not count."""
    found, named = extract(text), extract(sender)
    went_to = {mail for value in found.headers("to") for mail in mails_in(value)}
    mails = [one for one in (*named.mails, *found.mails) if one not in went_to and not is_our_address(one)]
    phones = [one for one in (*named.phones, *found.phones) if one != our_phone()]
    alone = [one.strip() for one in (sender, text) if _ALONE.fullmatch(one.strip()[:300])]
    hosts = [one for one in map(_plain_host, (*alone, *named.hosts, *found.hosts)) if counts(one)]
    return Likeness(
        _few(one for one in phones if one not in ignore),
        _few(one for one in mails if one not in ignore),
        _few(hosts),
        sketch_of(found),
    )


def sketch_of(found: Extracted) -> tuple[int, ...]:
    """The MinHash of the words of its body; empty for fewer than `LEAST_WORDS`."""
    words = [_VARIES.sub("0", one) for one in _WORD.findall(folded(found.body))][:MOST_WORDS]
    words = ["0" if one.strip("0") == "" else one for one in words]
    if len(words) < LEAST_WORDS:
        return ()
    shingles = {" ".join(words[place : place + 3]) for place in range(len(words) - 2)}
    hashes = [int.from_bytes(hashlib.blake2b(one.encode(), digest_size=8).digest()) for one in shingles]
    return tuple(min((a * one + b) % _PRIME for one in hashes) for a, b in _permutations())


def alike(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether two sketches are of much the same words."""
    if not one or len(one) != len(other):
        return False
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one) >= SAME


def counts(host: str) -> bool:
    """Whether a host says who is behind a message: neither ours nor one that everybody's links may lead to."""
    ours = (urlsplit(settings.PUBLIC_URL).hostname or "").removeprefix("www.")
    return bool(host) and host not in EVERYBODYS and host != ours and not is_our_address(f"post@{host}")


@lru_cache(maxsize=1)
def _permutations() -> Sequence[tuple[int, int]]:
    """Fixed for good, because sketches are stored; keyed, so that nobody finds a text for a sketch."""
    made = [int(keyed_hash("likeness", str(number))[:15], 16) for number in range(2 * ROWS * BANDS)]
    return [(a | 1, b) for a, b in zip(made[::2], made[1::2], strict=True)]


def _bands(sketch: Sequence[int]) -> Iterable[str]:
    for number in range(len(sketch) // ROWS):
        rows = ",".join(map(str, sketch[number * ROWS : (number + 1) * ROWS]))
        yield keyed_hash("band", f"{number}:{rows}")


def _plain_host(host: str) -> str:
    name = host.partition(":")[0].strip(".")
    return (idn.to_ascii(name) or name).removeprefix("www.")[:253]


def _few(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))[:MOST_OF_A_KIND]
