"""Bundles of evidence: timelines and other pieces in one file, which anybody can verify without our database.

A bundle is canonical JSON: sorted keys, no blanks, ASCII. Each line of a timeline has the hash that the register has;
a line that its reader may not see is withheld, and only its hash stands there. Each piece has the hash of its content.
A checkpoint signs length and last hash of each timeline, and the seal signs the whole. `manage.py verify_timeline FILE`
names what was changed, left out or put elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from backoffice.cases import checkpoints
from backoffice.cases.models import Event
from backoffice.cases.timeline import GENESIS, content_of, hash_of

FORMAT = "countersign-evidence/1"
LARGEST = 20_000_000
"""Bytes of a file that is verified."""
Plain = dict[str, Any]


class Broken(Exception):
    """The bundle is not as we made it; the text names the first fault."""


@dataclass(frozen=True)
class Verified:
    """What an intact bundle holds. `made_at` is ISO 8601 in UTC."""

    case: str
    made_at: str
    edition: str
    lines: int
    withheld: int
    pieces: int


# --- making -----------------------------------------------------------------------------------------------------------


def line(event: Event, says: str) -> Plain:
    """A line of a timeline in full, with its sentence."""
    return {**content_of(event), "hash": event.hash, "says": says}


def withheld(event: Event, says: str = "") -> Plain:
    """A line without its content; `says` is what its reader may know of it."""
    hashes = {"number": event.number, "previous": event.previous, "hash": event.hash, "withheld": True}
    return {**hashes, **({"says": says} if says else {})}


def timeline(*, case: str, reference: str, lines: Sequence[Plain], at: str) -> Plain:
    """A whole timeline, with a checkpoint of its length and its last hash. `case` is the id, `at` ISO 8601 in UTC."""
    head = lines[-1]["hash"] if lines else GENESIS
    point = {"case": case, "number": len(lines), "head": head, "at": at}
    signed = {**point, "signature": checkpoints.signature_of(_digest(point))}
    return {"case": case, "reference": reference, "lines": list(lines), "checkpoint": signed}


def piece(kind: str, name: str, content: Mapping[str, Any]) -> Plain:
    """A piece of evidence beside the timelines, with its hash."""
    return {"kind": kind, "name": name, "content": dict(content), "hash": _digest(content)}


def sealed(content: Mapping[str, Any]) -> str:
    """The bundle as the text of a file. `content` has `case` (a reference), `made_at`, `edition`, `timelines` and
    `pieces`."""
    whole = {**content, "format": FORMAT}
    digest = _digest(whole)
    seal = {"digest": digest, "signature": checkpoints.signature_of(digest), "key": checkpoints.public_key()}
    return canonical({**whole, "seal": seal})


def digest_in(text: str) -> str:
    """The digest that a bundle of ours was sealed with."""
    return str(json.loads(text)["seal"]["digest"])


def canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(content).encode()).hexdigest()


# --- verifying --------------------------------------------------------------------------------------------------------


def verify(text: str, *, key: str) -> Verified:
    """Verifies a bundle from its text alone, by the public half of our key (base64). Raises `Broken`."""
    bundle = _read(text)
    for one in _dicts(bundle.get("timelines"), "timelines"):
        _verify_timeline(one, key)
    pieces = _dicts(bundle.get("pieces"), "pieces")
    for number, one in enumerate(pieces, start=1):
        if one.get("hash") != _digest(_mapping(one.get("content"), "a piece")):
            raise Broken(f"piece {number} ({_word(one.get('kind'))} {_word(one.get('name'))}) was changed.")
    _verify_seal(bundle, key)
    if canonical(bundle) != text:
        raise Broken("the file was written anew: it says the same, but its bytes are not those that we made.")
    lines = [line for one in bundle["timelines"] for line in one["lines"]]
    return Verified(
        case=str(bundle["case"]),
        made_at=str(bundle["made_at"]),
        edition=str(bundle["edition"]),
        lines=len(lines),
        withheld=sum(bool(line.get("withheld")) for line in lines),
        pieces=len(pieces),
    )


def _read(text: str) -> Plain:
    if len(text) > LARGEST:
        raise Broken("the file is too large to be a bundle of evidence of ours.")
    try:
        bundle = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Broken("the file is no bundle of evidence: it cannot be read as JSON.") from error
    if not isinstance(bundle, dict) or bundle.get("format") != FORMAT:
        raise Broken("the file is no bundle of evidence of ours.")
    return bundle


def _verify_timeline(one: Plain, key: str) -> None:
    reference, previous = _word(one.get("reference")), GENESIS
    lines = _dicts(one.get("lines"), "lines")
    for number, found in enumerate(lines, start=1):
        where = f"line {number} of the timeline of case {reference}"
        if found.get("number") != number:
            raise Broken(f"{where} is missing or stands elsewhere.")
        if found.get("previous") != previous:
            raise Broken(f"{where} does not follow the one before it.")
        if not found.get("withheld") and found.get("hash") != _hash_of_line(found):
            raise Broken(f"{where} was changed.")
        previous = str(found.get("hash"))
    point = _mapping(one.get("checkpoint"), "a checkpoint")
    unsigned = {name: point.get(name) for name in ("case", "number", "head", "at")}
    if not _is_signed(_digest(unsigned), point.get("signature"), key):
        raise Broken(f"the checkpoint of the timeline of case {reference} is not signed by us.")
    if point["number"] != len(lines) or point["head"] != previous:
        raise Broken(f"line {len(lines) + 1} of the timeline of case {reference} is missing at the end.")
    if point["case"] != one.get("case") or any(found.get("case", point["case"]) != point["case"] for found in lines):
        raise Broken(f"the timeline of case {reference} is that of another case.")


def _hash_of_line(found: Plain) -> str:
    content = {name: value for name, value in found.items() if name not in ("hash", "says")}
    return hash_of(content)


def _verify_seal(bundle: Plain, key: str) -> None:
    seal = _mapping(bundle.get("seal"), "the seal")
    digest = _digest({name: value for name, value in bundle.items() if name != "seal"})
    if seal.get("digest") != digest:
        raise Broken("something beside the timelines and the pieces was changed, put elsewhere or left out.")
    if seal.get("key") != key:
        raise Broken("the seal is of another key than ours.")
    if not _is_signed(digest, seal.get("signature"), key):
        raise Broken("the seal is not signed by us.")


def _is_signed(digest: str, signature: object, key: str) -> bool:
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        public.verify(base64.b64decode(str(signature), validate=True), digest.encode())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _dicts(value: object, what: str) -> list[Plain]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Broken(f"its {what} are missing.")
    return value


def _mapping(value: object, what: str) -> Plain:
    if not isinstance(value, dict):
        raise Broken(f"{what} is missing.")
    return value


def _word(value: object) -> str:
    """A name out of the file, short enough to be printed."""
    return str(value)[:40]
