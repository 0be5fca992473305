"""Domain names, checked and written in one way (IDNA 2008, RFC 5891; UTS 46 for what people type)."""

from __future__ import annotations

import idna
from django.utils.translation import gettext as _

from backoffice.refusals import Invalid


def clean(typed: str, *, field: str = "name") -> str:
    """The name in small ASCII letters (A-labels), without a dot at its end. Raises Invalid on `field`."""
    try:
        name = idna.encode(typed.strip().rstrip("."), uts46=True, transitional=False).decode("ascii")
    except idna.IDNAError:
        name = ""
    if "." not in name or name.rpartition(".")[2].isdigit():
        raise Invalid({field: [_("This is not a domain name. It reads like example.org.")]})
    return name


def shown(name: str) -> str:
    """The name as people write it; as it stands where a registry let in what IDNA 2008 does not know."""
    try:
        return idna.decode(name)
    except idna.IDNAError:
        return name
