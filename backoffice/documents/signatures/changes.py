"""What came behind a signature, and whether it may: the next signature in its field, a time stamp of the whole
document, and data for later validation. Everything else is refused, and named.

The library's rules are the floor: it must explain each changed object. Ours are stricter: no object that nothing uses,
no other form field, no new visible signature (it could cover or add words: "Shadow Attacks", NDSS 2021; "Breaking the
Specification: PDF Certification", IEEE S&P 2021), no action, no layer, and each revision does one of the three things.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic, misc
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel, StandardDiffPolicy, SuspiciousModification
from pyhanko.sign.diff_analysis.rules import file_structure_rules, form_field_rules, metadata_rules
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm, enumerate_sig_fields

from . import pages
from .first_form import FormRule
from .objects import held, raw
from .verdict import Addition, Code

_CATALOG = frozenset({"/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Version", "/Perms"})
_FORM = frozenset({"/Fields", "/SigFlags", "/DR", "/DA"})
_FIELD = frozenset(
    {"/FT", "/T", "/V", "/Type", "/Subtype", "/Rect", "/F", "/Ff", "/P", "/Lock", "/AP", "/TU", "/DR", "/MK", "/BS"}
)
"""What a new signature field may have: no action, no children, no rules for other signers."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was changed. `page` counts from 1; `name` is that of a form field."""

    code: Code
    page: int | None = None
    name: str = ""


def policy() -> StandardDiffPolicy:
    """The library's rules, of which only those stay that a signature, a time stamp and validation data need."""
    archive = ModificationLevel.LTA_UPDATES
    structure: Any = file_structure_rules
    fields: Any = form_field_rules
    metadata: Any = metadata_rules
    return StandardDiffPolicy(
        global_rules=[
            structure.CatalogModificationRule(ignored_keys=_CATALOG),
            metadata.DocInfoRule().as_qualified(archive),
            structure.XrefStreamRule().as_qualified(archive),
            structure.ObjectStreamRule().as_qualified(archive),
            fields.DSSCompareRule().as_qualified(archive),
            metadata.MetadataUpdateRule().as_qualified(archive),
        ],
        form_rule=FormRule(
            field_rules=[
                fields.SigFieldCreationRule(),
                fields.SigFieldModificationRule(allow_in_place_appearance_stream_changes=False),
            ],
            ignored_acroform_keys=_FORM,
        ),
        ignore_orphaned_objects=False,
    )


def between(
    old: HistoricalResolver, new: HistoricalResolver, *, locks: FieldMDPSpec | None, level: MDPPerm | None
) -> list[Change]:
    """What of the changes from one revision to a later one may not be; `locks` and `level` are those that the signature
    on the older one asks for."""
    try:
        found = policy().apply(old, new, field_mdp_spec=locks, doc_mdp=level)
    except (SuspiciousModification, misc.PdfReadError):
        return describe(old, new)
    most = ModificationLevel.LTA_UPDATES if level is MDPPerm.NO_CHANGES else ModificationLevel.FORM_FILLING
    if found.modification_level <= most:
        return []
    return describe(old, new) if level is not MDPPerm.NO_CHANGES else [Change(Code.CERTIFIED_CLOSED)]


def addition(reader: PdfFileReader, number: int) -> tuple[Addition | None, list[Change]]:
    """What revision `number` adds to the one before, and what is wrong with it."""
    old, new = reader.get_historical_resolver(number - 1), reader.get_historical_resolver(number)
    before, after = _filled(old), _filled(new)
    added = [name for name in after if name not in before]
    wrong = [*_new_fields(old, new), *_trailer(old, new), *_rights(old, new, is_signed=bool(before)), *_looks(old, new)]
    if len(added) == 1:
        is_stamp = held(after[added[0]], "/Type", "/Sig") == "/DocTimeStamp"
        return (Addition.TIME_STAMP if is_stamp else Addition.SIGNATURE), wrong
    if not added and not wrong and raw(old.root, "/DSS") != raw(new.root, "/DSS"):
        return Addition.VALIDATION_DATA, wrong
    if not added and not wrong and _dss_rewritten(new):
        return Addition.VALIDATION_DATA, wrong
    return None, wrong or describe(old, new)


def describe(old: HistoricalResolver, new: HistoricalResolver) -> list[Change]:
    """What was changed, in the terms of a reader. It never gives nothing: what has no better name is a change of the
    document."""
    found = list(_changed_pages(old, new))
    found += _changed_fields(old, new)
    for key, code in {
        "/OpenAction": Code.ACTION_ADDED,
        "/AA": Code.ACTION_ADDED,
        "/Names": Code.ACTION_ADDED,
        "/OCProperties": Code.LAYERS_CHANGED,
    }.items():
        if pages.fingerprint(old, raw(old.root, key)) != pages.fingerprint(new, raw(new.root, key)):
            found.append(Change(code))
    return list(dict.fromkeys(found)) or [Change(Code.DOCUMENT_CHANGED)]


def _changed_pages(old: HistoricalResolver, new: HistoricalResolver) -> Iterator[Change]:
    before, after = pages.read(old), pages.read(new)
    kept = [page.identity for page in after]
    for number, page in enumerate(before, start=1):
        if page.identity not in kept and len(after) < len(before):
            yield Change(Code.PAGE_REMOVED, number)
    known = {page.identity: page for page in before}
    for number, page in enumerate(after, start=1):
        same = known.get(page.identity)
        if same is None:
            yield Change(Code.PAGE_ADDED if len(after) > len(before) else Code.PAGE_CHANGED, number)
            continue
        if same.content != page.content or (before.index(same) != number - 1 and len(after) == len(before)):
            yield Change(Code.PAGE_CHANGED, number)
        for annotation, mark in page.annotations.items():
            if annotation not in same.annotations:
                yield Change(Code.ANNOTATION_ADDED, number)
            elif same.annotations[annotation] != mark:
                yield Change(Code.ANNOTATION_CHANGED, number)
        if same.annotations.keys() - page.annotations.keys():
            yield Change(Code.ANNOTATION_CHANGED, number)


def _changed_fields(old: HistoricalResolver, new: HistoricalResolver) -> Iterator[Change]:
    before, after = pages.fields(old), pages.fields(new)
    for name, mark in after.items():
        if name not in before:
            yield Change(Code.FIELD_ADDED, name=name)
        elif before[name] != mark:
            yield Change(Code.FIELD_CHANGED, name=name)
    for name in before.keys() - after.keys():
        yield Change(Code.FIELD_CHANGED, name=name)


def _new_fields(old: HistoricalResolver, new: HistoricalResolver) -> list[Change]:
    known = {name for name, _value, _reference in enumerate_sig_fields(old)}
    found = []
    for name, _value, reference in enumerate_sig_fields(new):
        if name in known:
            continue
        field = reference.get_object()
        if not set(field.keys()) <= _FIELD:
            found.append(Change(Code.ACTION_ADDED))
        elif not _is_invisible(field):
            found.append(Change(Code.VISIBLE_SIGNATURE, name=str(name)))
    return found


def _is_invisible(field: Any) -> bool:
    corners = [float(number) for number in held(field, "/Rect", ())]
    return not corners or (len(corners) == 4 and (corners[0] == corners[2] or corners[1] == corners[3]))


def _trailer(old: HistoricalResolver, new: HistoricalResolver) -> list[Change]:
    before, after = old.trailer_view, new.trailer_view
    same_root = before.raw_get("/Root").reference == after.raw_get("/Root").reference
    return [] if same_root and "/Encrypt" not in after else [Change(Code.DOCUMENT_CHANGED)]


def _rights(old: HistoricalResolver, new: HistoricalResolver, *, is_signed: bool) -> list[Change]:
    """A first signature may certify the document, and none after it."""
    before, after = raw(old.root, "/Perms"), raw(new.root, "/Perms")
    if pages.fingerprint(old, before) == pages.fingerprint(new, after):
        return []
    certifies = isinstance(after, generic.DictionaryObject) and set(after.keys()) == {"/DocMDP"}
    return [] if certifies and before is None and not is_signed else [Change(Code.DOCUMENT_CHANGED)]


def _looks(old: HistoricalResolver, new: HistoricalResolver) -> list[Change]:
    """Fonts and defaults of the form draw the values of its other fields, so with such fields they stay as they are."""
    before, after = held(old.root, "/AcroForm", {}), held(new.root, "/AcroForm", {})
    same = all(
        pages.fingerprint(old, raw(before, key)) == pages.fingerprint(new, raw(after, key)) for key in ("/DR", "/DA")
    )
    return [] if same else [Change(Code.FIELD_CHANGED, name=name) for name in pages.fields(old)]


def _filled(resolver: HistoricalResolver) -> dict[str, Any]:
    found = {str(name): reference.get_object() for name, _value, reference in enumerate_sig_fields(resolver)}
    values = {name: held(field, "/V") for name, field in found.items()}
    return {name: value for name, value in values.items() if isinstance(value, generic.DictionaryObject)}


def _dss_rewritten(new: Any) -> bool:
    store = raw(new.root, "/DSS")
    return isinstance(store, generic.IndirectObject) and store.reference in new.explicit_refs_in_revision()
