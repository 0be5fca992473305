"""Domain names: checked and written in one way, and the texts under which they are found."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from backoffice import idn
from backoffice.refusals import Invalid
from backoffice.text import folded

LONGEST_PART = 80
"""Characters that are compared, from the beginning of a label on."""
FEWEST_TYPED = 3
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")
_WORD = re.compile(r"(?<![^.-])[^.-]")


def clean(typed: str, *, field: str = "name") -> str:
    """The name in small ASCII letters (A-labels), without a dot at its end. Raises Invalid on `field`."""
    name = idn.to_ascii(typed)
    if name is None:
        raise Invalid({field: [_("This is not a domain name. It reads like example.org.")]})
    return name


def parts_of(name: str) -> frozenset[str]:
    """The texts under which a name from `clean` is found: from the beginning of each label and of each word within
    one, in both forms. The last label has none: everybody would be found by it."""
    return frozenset(part for form in (name, folded(idn.to_unicode(name))) for part in _parts(form))


def sought(typed: str) -> str:
    """A typed text as it is compared with the parts; empty for one that can be no beginning of a name."""
    text = folded(typed).translate(_DOTS).removeprefix("www.")
    return text[:LONGEST_PART] if len(text) >= FEWEST_TYPED and not re.search(r"[\s@/]", text) else ""


def _parts(form: str) -> Iterator[str]:
    last = form.rpartition(".")[0]
    yield from (form[found.start() : found.start() + LONGEST_PART] for found in _WORD.finditer(last))
