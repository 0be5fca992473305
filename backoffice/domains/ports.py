"""The registry's contract: what we ask of any registry of domain names. Its words are those of EPP (RFC 5730 to 5733),
because every registry that we know has the same objects, whatever it speaks.

Every change carries a key of the caller. The same key with the same request is done once: an adapter keeps a row of
each command that it sends, written before it is sent, and a caller without an answer asks again with the same key. The
adapter then first asks the registry what became of the command, and sends it again only when it was not done.
Names are A-labels in small letters, times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from backoffice.refusals import Refused


class RegistryUnavailable(Exception):
    """No usable answer: it is down, slow, busy, does not accept our sign-in, or answered with nonsense. Try again later
    with the same key. The outcome is unknown: the registry may have acted. `reason` is for machines and logs, and holds
    nothing personal."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the registry gave no answer: {reason}")
        self.reason = reason


class RegistryRefusal(Refused):
    """The registry refused, and would refuse again. `code` is `epp_<result code>`: "epp_2304". `sentence` is ours and
    holds no data."""


class Status(StrEnum):
    """The states of a domain that we set or read (RFC 5731, section 2.3). The registry may have others."""

    OK = "ok"
    CLIENT_TRANSFER = "clientTransferProhibited"
    CLIENT_UPDATE = "clientUpdateProhibited"
    CLIENT_DELETE = "clientDeleteProhibited"
    SERVER_TRANSFER = "serverTransferProhibited"
    SERVER_UPDATE = "serverUpdateProhibited"
    SERVER_DELETE = "serverDeleteProhibited"
    PENDING_TRANSFER = "pendingTransfer"
    PENDING_DELETE = "pendingDelete"


Contacts = Sequence[tuple[str, str]]
"""The contacts of a domain beside its holder: their type ("admin", "tech", "billing") and their handle."""


@dataclass(frozen=True, slots=True)
class RegisteredDomain:
    """A domain as the registry has it now. `registrant` and `contacts` are handles: the registry's ids of contact
    objects; `contacts` are (type, handle). `sponsor` is the id of the registrar that looks after it. `authinfo_set`
    says whether a transfer code is set; the code itself is never read back."""

    name: str
    registrant: str
    sponsor: str
    statuses: frozenset[str]
    created_at: datetime
    expires_at: datetime
    contacts: tuple[tuple[str, str], ...] = ()
    transferred_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ContactCard:
    """What a registry keeps of a holder (RFC 5733). `country` is ISO 3166-1 alpha-2, `phone` in the notation of EPP
    ("+48.221234567"). Personal data: it has no repr."""

    name: str
    street: Sequence[str]
    city: str
    country: str
    mail: str
    organisation: str = ""
    postal_code: str = ""
    state: str = ""
    phone: str = ""


class TransferState(StrEnum):
    """RFC 5730, section 2.9.3.4."""

    PENDING = "pending"
    CLIENT_APPROVED = "clientApproved"
    CLIENT_CANCELLED = "clientCancelled"
    CLIENT_REJECTED = "clientRejected"
    SERVER_APPROVED = "serverApproved"
    SERVER_CANCELLED = "serverCancelled"


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer of a domain to another registrar, as the registry has it. `until` is when the registry decides by
    itself."""

    name: str
    state: TransferState
    asked_by: str
    asked_at: datetime
    decides: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Polled:
    """A message of the registry's queue. `transfer` is set when it is about one. It stays in the queue until it is
    acknowledged by its id."""

    id: str
    at: datetime
    text: str
    left: int
    transfer: Transfer | None = None


class Registry(Protocol):
    """What an adapter does. Each function raises `RegistryUnavailable` or `RegistryRefusal`, and nothing else."""

    def free(self, names: Sequence[str]) -> frozenset[str]:
        """Those of the names that nobody has registered."""
        ...

    def look(self, name: str) -> RegisteredDomain:
        """The domain as it is now. Refused with `epp_2303` when there is none."""
        ...

    def prohibit(self, name: str, statuses: Collection[Status], key: str) -> frozenset[Status]:
        """Sets client states. Returns those that were not set before, so that the caller can take back just these."""
        ...

    def permit(self, name: str, statuses: Collection[Status], key: str) -> frozenset[Status]:
        """Takes client states away. Returns those that were set before."""
        ...

    def make_contact(self, card: ContactCard, key: str) -> str:
        """Creates a contact and returns its handle, which is made from the key: the same key is the same contact."""
        ...

    def change_contact(self, handle: str, card: ContactCard, key: str) -> None:
        """Replaces what the registry keeps of a contact."""
        ...

    def change_registrant(
        self,
        name: str,
        handle: str,
        key: str,
        *,
        contacts: Contacts | None = None,
        permit: Collection[Status] = (),
        prohibit: Collection[Status] = (),
    ) -> RegisteredDomain:
        """Makes the contact the holder of the domain, in one command, which also takes away `clientUpdateProhibited`
        where that is set: a registry refuses every other change under it. The same command takes the states `permit`
        away and sets `prohibit`, and with `contacts` the domain has just these afterwards (None leaves them as they
        are), so that all of it is done or nothing. Returns the domain afterwards."""
        ...

    def set_authinfo(self, name: str, code: str, key: str) -> None:
        """Sets the transfer code; empty takes it away, so that no transfer can be asked for. The code is in no row and
        in no log."""
        ...

    def transfer_of(self, name: str) -> Transfer | None:
        """The pending or last transfer; None when there has been none."""
        ...

    def approve_transfer(self, name: str, key: str) -> Transfer:
        """Lets a pending transfer happen at once."""
        ...

    def reject_transfer(self, name: str, key: str) -> Transfer:
        """Refuses a pending transfer."""
        ...

    def poll(self) -> Polled | None:
        """The first message of the queue; None when it is empty."""
        ...

    def acknowledge(self, message: str, key: str) -> None:
        """Takes the message of this id from the queue; it is none the worse for being gone already."""
        ...


def registry(name: str = "") -> Registry:
    """The adapter of the registry of this name, as the settings name it: one for each OS process, shared by its
    threads. `name` is the code of a registry in `policies`; empty is the only one."""
    found: Registry = import_string(settings.REGISTRY_ADAPTER)(name)
    return found
