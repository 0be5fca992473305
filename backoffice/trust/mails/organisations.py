"""To which organisation a name of the domain name system belongs, by the list of public suffixes."""

from __future__ import annotations

import importlib.resources
from functools import lru_cache

from publicsuffix2 import PublicSuffixList


def organisation(domain: str) -> str:
    """The name under a public suffix that a domain belongs to: `mail.bank.co.uk` to `bank.co.uk`. Of an ending that the
    list does not have (publicsuffix2 gives the ending alone, to which everybody would belong) the last two labels."""
    found = str(_suffixes().get_public_suffix(domain) or "")
    return found if "." in found else ".".join(domain.rsplit(".", 2)[-2:])


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    with importlib.resources.files("authheaders").joinpath("public_suffix_list.txt").open(encoding="utf-8") as file:
        return PublicSuffixList(file)
