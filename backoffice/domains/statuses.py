"""The states of a domain at its registry, in words (RFC 5731, section 2.3)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.domains.models import Lock

WORDS: Mapping[str, str | Promise] = {
    "clientTransferProhibited": _("no transfer to another provider: our lock"),
    "serverTransferProhibited": _("no transfer to another provider: the registry's lock"),
    "clientUpdateProhibited": _("no change: our lock"),
    "serverUpdateProhibited": _("no change: the registry's lock"),
    "clientDeleteProhibited": _("no deletion: our lock"),
    "serverDeleteProhibited": _("no deletion: the registry's lock"),
    "clientRenewProhibited": _("no renewal: our lock"),
    "serverRenewProhibited": _("no renewal: the registry's lock"),
    "clientHold": _("switched off by us: it leads nowhere"),
    "serverHold": _("switched off by the registry: it leads nowhere"),
    "inactive": _("it has no name servers: it leads nowhere"),
    "pendingCreate": _("its registration is not finished"),
    "pendingDelete": _("it is about to be deleted"),
    "pendingRenew": _("its renewal is not finished"),
    "pendingTransfer": _("another provider has asked for it"),
    "pendingUpdate": _("a change of it is not finished"),
}
"""All but "ok", which says that there is none."""
_LOCKS: Mapping[str, tuple[str, str]] = {
    Lock.TRANSFER: ("clientTransferProhibited", "serverTransferProhibited"),
    Lock.UPDATE: ("clientUpdateProhibited", "serverUpdateProhibited"),
    Lock.DELETE: ("clientDeleteProhibited", "serverDeleteProhibited"),
}


def in_words(statuses: Collection[str]) -> list[str]:
    """What the registry says of the domain; a state that no standard knows as the registry calls it."""
    return [str(WORDS.get(one, one)) for one in sorted(statuses) if one != "ok"]


def locks_of(statuses: Collection[str]) -> list[str]:
    """The locks that stand in the record for these states."""
    return sorted(lock for lock, named in _LOCKS.items() if not set(named).isdisjoint(statuses))
