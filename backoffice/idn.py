"""Domain names of other scripts, read and written by one standard wherever they occur: in records, mail, searches.

That is IDNA 2008 (RFC 5891) after the mapping of UTS 46, non-transitional: `straße.example` stays another name than
`strasse.example`, as it is for the registries. (IDNA 2003, which Python and Django have built in, makes one of both.)
"""

from __future__ import annotations

import idna

from backoffice.text import kept

LONGEST = 253
"""Characters of a name in ASCII (RFC 1035)."""


def to_ascii(typed: str) -> str | None:
    """The name as the domain name system knows it, in small A-labels and without a dot at its end; None for a text that
    is no name of at least two labels."""
    tidy = kept(typed)
    if not tidy or len(tidy) > LONGEST:
        return None
    try:
        name = idna.encode(tidy, uts46=True, transitional=False).decode("ascii").removesuffix(".")
    except (idna.IDNAError, UnicodeError):
        return None
    last = name.rpartition(".")[2]
    return name if "." in name and not last.isdigit() else None


def to_unicode(name: str) -> str:
    """The name as people write it; a label that IDNA 2008 does not allow stays as the registry has it."""
    return ".".join(map(_label, name.split(".")))


def _label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return idna.decode(label)
    except (idna.IDNAError, UnicodeError):
        return label
