"""What an examination of a signed PDF says: codes and values, never sentences. `words` turns them into sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Code(StrEnum):
    """Why a file is refused. Each is one reason with one sentence."""

    TOO_LARGE = "too_large"
    TOO_COMPLEX = "too_complex"
    UNREADABLE = "unreadable"
    ENCRYPTED = "encrypted"
    NOT_OUR_FORM = "not_our_form"
    NO_SIGNATURE = "no_signature"
    EMPTY_SIGNATURE = "empty_signature"
    DAMAGED_SIGNATURE = "damaged_signature"
    HIDDEN_SIGNATURE = "hidden_signature"
    RANGE_BROKEN = "range_broken"
    LENGTHENED = "lengthened"
    ALTERED = "altered"
    FORGED = "forged"
    WEAK_DIGEST = "weak_digest"
    WEAK_KEY = "weak_key"
    PAGE_CHANGED = "page_changed"
    PAGE_ADDED = "page_added"
    PAGE_REMOVED = "page_removed"
    ANNOTATION_ADDED = "annotation_added"
    ANNOTATION_CHANGED = "annotation_changed"
    FIELD_ADDED = "field_added"
    FIELD_CHANGED = "field_changed"
    VISIBLE_SIGNATURE = "visible_signature"
    ACTION_ADDED = "action_added"
    LAYERS_CHANGED = "layers_changed"
    DOCUMENT_CHANGED = "document_changed"
    CERTIFIED_LATE = "certified_late"
    CERTIFIED_OPEN = "certified_open"
    CERTIFIED_CLOSED = "certified_closed"
    SELF_SIGNED = "self_signed"
    UNTRUSTED = "untrusted"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    REVOKED = "revoked"
    REVOCATION_UNKNOWN = "revocation_unknown"
    WRONG_KEY_USAGE = "wrong_key_usage"
    TIME_STAMP = "time_stamp"
    CLAIMED_TIME = "claimed_time"
    NOT_A_PARTY = "not_a_party"
    NAME_DIFFERS = "name_differs"
    NUMBER_DIFFERS = "number_differs"
    NUMBER_MISSING = "number_missing"
    OTHER_COMPANY = "other_company"
    SIGNED_TWICE = "signed_twice"
    MISSING_PARTY = "missing_party"
    MISSING_SECOND = "missing_second"


class Addition(StrEnum):
    """What may follow a signature."""

    SIGNATURE = "signature"
    TIME_STAMP = "time_stamp"
    VALIDATION_DATA = "validation_data"


class Revocation(StrEnum):
    """What the answers in the file, and those that we hold, say of a certificate."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of refusal. `page` counts from 1; `name` is the signer, party or field that it is about; `after` is
    who had signed before the change, and empty when it was made to the form that we gave out. Where a certificate does
    not fit its party, `name` is the party and `after` the signer. Where a company needs a second signature, `name` is
    the company, `after` who signed, and `others` who else may."""

    code: Code
    page: int | None = None
    name: str = ""
    after: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignatureSeen:
    """One signature, or time stamp of the document, in the order of the file.

    `signer` and `issuer` are names as in the certificates, empty where they could not be read. Times are aware UTC:
    `claimed_time` is that of the signer's clock, `trusted_time` that of a time stamp that we trust. `whole_file` says
    that it covers the file to its last byte; else `followed_by` says what follows it, and `reasons` what is wrong.
    `party` is the role of the party whose signature it is, None for nobody's. `fingerprint` is the SHA-256 of the
    signer's certificate in hexadecimal digits.
    """

    position: int
    field: str
    is_time_stamp: bool
    signer: str = ""
    issuer: str = ""
    organisation: str = ""
    fingerprint: str = ""
    claimed_time: datetime | None = None
    trusted_time: datetime | None = None
    whole_file: bool = False
    followed_by: tuple[Addition, ...] = ()
    intact: bool = False
    trusted: bool = False
    revocation: Revocation = Revocation.UNKNOWN
    party: str | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reasons` are those of the whole file and those of each signature, each once; `accepted` is that there are none.
    `missing` are the roles of the parties who have not signed, or not with enough people. `sha256` is that of the
    examined file, in hexadecimal digits."""

    accepted: bool
    sha256: str
    signatures: tuple[SignatureSeen, ...]
    missing: tuple[str, ...]
    reasons: tuple[Reason, ...]

    @property
    def codes(self) -> frozenset[Code]:
        return frozenset(reason.code for reason in self.reasons)
