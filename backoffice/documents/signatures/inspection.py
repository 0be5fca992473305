"""The examination, step by step: the file, each signature, what came after it, and whose it is."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from asn1crypto import x509
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm

from . import changes, file, signing
from .chain import MOST_CERTIFICATES, Evidence
from .changes import Change
from .file import Embedded, Ill
from .objects import held
from .parties import Signatory, WantedSigner, is_bound, whose
from .trust_list import TrustList
from .verdict import Addition, Code, Reason, Revocation, SignatureSeen, Verdict

MOST_ANSWERS = 60
"""About revocation, in one file."""


@dataclass
class Examined:
    """What is known of one signature so far."""

    one: Embedded
    signed: signing.Signed | None
    seen: SignatureSeen
    followed_by: list[Addition] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)

    @property
    def signer(self) -> str:
        return self.seen.signer or self.one.field

    def refuse(self, code: Code) -> None:
        known = self.one.field if code is Code.DAMAGED_SIGNATURE else self.signer
        self.reasons.append(Reason(code, name=known))


async def inspect(
    pdf: bytes, *, wanted: Sequence[WantedSigner], trust: TrustList, at: datetime, original: bytes | None
) -> Verdict:
    """As `examine`. Raises Unfit, TooComplex, and whatever the library raises on nonsense."""
    reader = file.open_file(pdf)
    form = file.follows_form(pdf, reader, original) if original is not None else None
    well, ill = file.signatures(pdf, reader)
    general = [Reason(one.code, name=one.field) for one in ill]
    if not well and not ill:
        general.append(Reason(Code.NO_SIGNATURE))
    if file.count_of_ranges(pdf) > len(well) + len(ill) or _certified_elsewhere(reader, well):
        general.append(Reason(Code.HIDDEN_SIGNATURE))
    examined = [_first_look(one, pdf, position) for position, one in enumerate(well, start=1)]
    general += _what_followed(pdf, reader, examined, form=form, start=len(original or b""), ill=ill)
    await _judge(examined, pdf, _evidence(reader, trust), at=at)
    missing, more = _assign(examined, wanted)
    general += more
    signatures = [_finished(one, pdf) for one in examined] + _unreadable(ill, len(examined))
    reasons = _each_once([*general, *(reason for one in signatures for reason in one.reasons)])
    return Verdict(
        accepted=not reasons,
        sha256=hashlib.sha256(pdf).hexdigest(),
        signatures=tuple(signatures),
        missing=missing,
        reasons=reasons,
    )


def _first_look(one: Embedded, pdf: bytes, position: int) -> Examined:
    seen = SignatureSeen(position, one.field, one.is_time_stamp)
    if one.is_time_stamp:
        return Examined(one, None, seen)
    signed = signing.read(one, pdf)
    if isinstance(signed, Code):
        return Examined(one, None, seen, reasons=[Reason(signed, name=one.field)])
    seen = replace(
        seen,
        signer=signed.subject.shown,
        issuer=signed.issuer,
        organisation=signed.subject.organisation,
        fingerprint=hashlib.sha256(signed.certificate.dump()).hexdigest(),
        claimed_time=signed.claimed_time or _claimed_outside(one),
        intact=signed.intact,
    )
    found = Examined(one, signed, seen)
    for code in signed.codes:
        found.refuse(code)
    if wrong := signing.usage_of(signed.certificate):
        found.refuse(wrong)
    return found


def _claimed_outside(one: Embedded) -> datetime | None:
    """The time in the signature's dictionary, for a signature that has none among what it signs."""
    try:
        told: datetime | None = one.library.self_reported_timestamp
    except ValueError:
        return None
    return told if told is not None and told.utcoffset() is not None else None


def _what_followed(
    pdf: bytes, reader: PdfFileReader, examined: list[Examined], *, form: int | None, start: int, ill: Sequence[Ill]
) -> list[Reason]:
    """Puts what came behind each signature to it, and gives what is wrong with the file as a whole."""
    if form is None and not examined:
        return []
    base = form if form is not None else examined[0].one.revision
    begin = start if form is not None else examined[0].one.end
    total = reader.xrefs.total_revisions
    general: list[Reason] = []
    last = examined[-1].one if examined else None
    is_longer = last is not None and last.revision == total - 1 and last.end != len(pdf)
    if is_longer or not file.has_only_revisions(pdf, reader, after=base, start=begin):
        general.append(Reason(Code.LENGTHENED, after=examined[-1].signer if examined else ""))
    for number in range(base + 1, total):
        addition, wrong = changes.addition(reader, number)
        before = [one for one in examined if one.one.revision < number]
        for one in before:
            one.followed_by += [addition] if addition else []
        wrong = [*wrong, *_against(reader, before, form, number)]
        if ill and not wrong:
            continue
        general += _told(wrong, after=before[-1].signer if before else "")
    for place, one in enumerate(examined):
        _check_level(one, is_first=place == 0)
    return general


def _against(reader: PdfFileReader, before: Sequence[Examined], form: int | None, number: int) -> list[Change]:
    """Compares revision `number` with the form, and with what each signature before it covers."""
    new = reader.get_historical_resolver(number)
    bases = [(one.one.revision, one.one.library.fieldmdp, one.one.library.docmdp_level) for one in before]
    if form is not None:
        bases.insert(0, (form, None, None))
    found: list[Change] = []
    for revision, locks, level in bases:
        found += changes.between(reader.get_historical_resolver(revision), new, locks=locks, level=level)
    return found


def _told(found: Sequence[Change], *, after: str) -> list[Reason]:
    """Without the general sentence where a better one is told."""
    better = [change for change in found if change.code is not Code.DOCUMENT_CHANGED]
    return [Reason(change.code, page=change.page, name=change.name, after=after) for change in better or found]


def _check_level(one: Examined, *, is_first: bool) -> None:
    """A certifying signature comes first, and leaves room for signatures alone (ISO 32000-2, 12.8.2.2)."""
    rules = held(one.one.library.sig_object, "/Reference", ())
    certifies = any(held(entry.get_object(), "/TransformMethod") == "/DocMDP" for entry in rules)
    if certifies and not is_first:
        one.refuse(Code.CERTIFIED_LATE)
    if one.one.library.docmdp_level is MDPPerm.ANNOTATE:
        one.refuse(Code.CERTIFIED_OPEN)


def _certified_elsewhere(reader: PdfFileReader, well: Sequence[Embedded]) -> bool:
    """Whether the document says that it is certified by a signature that no field holds."""
    rights: Any = held(reader.root, "/Perms", {})
    ours = {one.library.sig_object.container_ref for one in well}
    return any(rights.raw_get(key).reference not in ours for key in rights if key != "/UR3")


async def _judge(examined: Sequence[Examined], pdf: bytes, evidence: Evidence, *, at: datetime) -> None:
    """Times and chains. A time stamp of the whole document proves every signature before it."""
    proven: datetime | None = None
    for one in reversed(examined):
        if one.one.is_time_stamp:
            data = one.one.library.signed_data
            when = await signing.stamped(data, one.one.covered(pdf), evidence, at=at)
            one.seen = replace(one.seen, trusted_time=when, trusted=when is not None, intact=when is not None)
            if when is None:
                one.refuse(Code.TIME_STAMP)
            else:
                proven = when
        elif one.signed is not None:
            own = await signing.trusted_time(one.signed, evidence, at=at)
            times = [when for when in (own, proven) if when is not None]
            await _judge_one(one, one.signed, evidence, proven=min(times, default=None), at=at)


async def _judge_one(
    one: Examined, signed: signing.Signed, evidence: Evidence, *, proven: datetime | None, at: datetime
) -> None:
    judged = await signing.judged(signed, evidence, moment=proven or at)
    one.seen = replace(
        one.seen, trusted_time=proven, trusted=judged.code is None, revocation=judged.revocation or Revocation.UNKNOWN
    )
    if judged.code is not None:
        one.refuse(judged.code)
    if signing.claims_wrongly(one.seen.claimed_time, proven=proven, at=at):
        one.refuse(Code.CLAIMED_TIME)


def _assign(examined: Sequence[Examined], wanted: Sequence[WantedSigner]) -> tuple[tuple[str, ...], list[Reason]]:
    """Each signature to its party: first where one is missing, then to a company that has enough of them, for which one
    more of its people may sign. A signature that is itself refused still counts as theirs, so that a page can say whose
    it was; the file is refused anyway."""
    signed: dict[str, list[Signatory]] = {party.role: [] for party in wanted}
    for one in examined:
        if one.signed is None:
            continue
        match = whose(one.signed.subject, wanted)
        free = [role for role, person in match.people.items() if person.is_other_than(signed[role])]
        free.sort(key=lambda role: is_bound(signed[role]))
        if free:
            signed[free[0]].append(match.people[free[0]])
            one.seen = replace(one.seen, party=free[0])
        elif match.people:
            one.refuse(Code.SIGNED_TWICE)
        else:
            one.reasons.append(Reason(match.code or Code.NOT_A_PARTY, name=match.name or one.signer, after=one.signer))
    absent = [party for party in wanted if not is_bound(signed[party.role])]
    return tuple(party.role for party in absent), [_missing(party, signed[party.role]) for party in absent]


def _missing(party: WantedSigner, signed: Sequence[Signatory]) -> Reason:
    """That the party has not signed, or who of a company's people still must."""
    name = (*party.names, party.role)[0]
    if not signed:
        return Reason(Code.MISSING_PARTY, name=name)
    others = tuple(one.name for one in party.representatives if all(one != person.entry for person in signed))
    return Reason(Code.MISSING_SECOND, name=name, after=signed[0].name, others=others)


def _finished(one: Examined, pdf: bytes) -> SignatureSeen:
    return replace(
        one.seen,
        whole_file=one.one.end == len(pdf),
        followed_by=tuple(one.followed_by),
        reasons=_each_once(one.reasons),
    )


def _unreadable(ill: Sequence[Ill], known: int) -> list[SignatureSeen]:
    return [
        SignatureSeen(position, one.field, is_time_stamp=False, reasons=(Reason(one.code, name=one.field),))
        for position, one in enumerate(ill, start=known + 1)
    ]


def _evidence(reader: PdfFileReader, trust: TrustList) -> Evidence:
    """Ours and the file's. What the file brings proves nothing by itself: each answer is signed by an authority."""
    store = held(reader.root, "/DSS", {})
    certificates = _streams(store, "/Certs", DecodePurpose.CERTIFICATE, most=MOST_CERTIFICATES)
    return Evidence(
        trust.anchors,
        tuple(x509.Certificate.load(one) for one in (*trust.others, *certificates)),
        (*trust.crls, *_streams(store, "/CRLs", DecodePurpose.CRL, most=MOST_ANSWERS)),
        (*trust.ocsps, *_streams(store, "/OCSPs", DecodePurpose.OCSP_RESPONSE, most=MOST_ANSWERS)),
    )


def _streams(store: Any, key: str, purpose: DecodePurpose, *, most: int) -> list[bytes]:
    listed = held(store, key, ())
    if len(listed) > most:
        raise file.Unfit(Code.TOO_COMPLEX)
    return list({one.get_object().read_data(purpose): None for one in listed})


def _each_once(found: Sequence[Reason]) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(found))
