"""Characters that people read as others, of names and of addresses."""

from __future__ import annotations

from backoffice.text import folded

LETTERS = str.maketrans(
    dict(zip("авеһікмнорсԁтухѕјԛԝьӏуіɡɩαβεικνορτυχγη", "abehikmhopcdtyxsjqwblyigiabeikvoptuxyn", strict=True))
)
"""Small letters of Cyrillic, Greek and phonetic scripts that look like Latin ones (from the confusables of UTS 39)."""
ALIKE = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("0", "o"), ("1", "l"), ("i", "l"), ("5", "s"), ("|", "l"))
"""What is seen, and what is read."""


def skeleton(text: str) -> str:
    """Two texts with one skeleton look the same. Never shown to people."""
    plain = folded(text).translate(LETTERS)
    for seen, read in ALIKE:
        plain = plain.replace(seen, read)
    return plain
