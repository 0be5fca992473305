"""The rule for a form that had no fields before its first signature. The library compares two forms, and knows no form
that begins after the first revision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver
from pyhanko.sign.diff_analysis import ModificationLevel, SuspiciousModification
from pyhanko.sign.diff_analysis.form_rules_api import (
    FieldComparisonContext,
    FieldComparisonSpec,
    FormUpdate,
    FormUpdatingRule,
)

from .objects import held, raw

_FORM = frozenset({"/Fields", "/SigFlags", "/DR", "/DA"})
_Update = tuple[ModificationLevel, FormUpdate]


class FormRule(FormUpdatingRule):
    """Lets a first form come with signature fields, and with nothing else. Later forms are compared by the library."""

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterable[_Update]:
        if "/AcroForm" in old.root:
            yield from super().apply(old, new)
        elif "/AcroForm" in new.root:
            yield from self._begun(old, new)

    def _begun(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterator[_Update]:
        form = new.root["/AcroForm"]
        if not isinstance(form, generic.DictionaryObject) or not set(form.keys()) <= _FORM:
            raise SuspiciousModification("a form came with more than signatures")
        for place in (raw(new.root, "/AcroForm"), raw(form, "/Fields")):
            if isinstance(place, generic.IndirectObject):
                yield from _new(old, place.reference)
        if "/DR" in form:
            for reference in new.collect_dependencies(form.raw_get("/DR"), since_revision=old.revision + 1):
                yield from _new(old, reference)
        context = FieldComparisonContext(field_specs=dict(_fields(held(form, "/Fields", ()))), old=old, new=new)
        for rule in self.field_rules:
            yield from rule.apply(context)


def _new(old: HistoricalResolver, reference: generic.Reference) -> Iterator[_Update]:
    if not old.is_ref_unassignable(reference):
        raise SuspiciousModification("a form came in place of another object")
    yield ModificationLevel.FORM_FILLING, FormUpdate(updated_ref=reference)


def _fields(listed: Any) -> Iterator[tuple[str, FieldComparisonSpec]]:
    for place in range(len(listed)):
        one = listed.raw_get(place)
        field = one.get_object()
        if not isinstance(one, generic.IndirectObject) or held(field, "/FT") != "/Sig" or "/T" not in field:
            raise SuspiciousModification("a form came with a field that is no signature")
        yield (
            str(field["/T"]),
            FieldComparisonSpec(
                field_type="/Sig", old_field_ref=None, new_field_ref=one.reference, old_canonical_path=None
            ),
        )
