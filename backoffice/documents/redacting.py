"""Redacting a copy of an identity document: all of it is covered, and whoever checks it opens what others need.

The rendition is drawn anew: only the pixels of the opened areas are copied to an empty page (`checker.redact`), so that
nothing lies below what is covered. Whoever forgets to open something shows too little, and never too much.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from backoffice.actors import Actor
from backoffice.cases.forms import errors_by_field
from backoffice.cases.unit_of_work import changing
from backoffice.documents import copies, isolated, seeing, storing
from backoffice.documents.isolated import CannotUse
from backoffice.documents.models import Document, DocumentState, MediaType, Origin, Paper
from backoffice.documents.rights import SEE_COPY
from backoffice.refusals import Conflict, Invalid
from backoffice.staff import rights
from backoffice.staff.models import User

MOST_AREAS = 4
"""On a page: name, validity, kind of document, and one more."""
MOST_OPEN = 25
"""Of a page, in percent. A card on a sheet of A4 takes 7; a name on a card that fills the page takes less than 10."""
SIDES = {
    "left": _l("Left"),
    "top": _l("Top"),
    "width": _l("Width"),
    "height": _l("Height"),
}


@dataclass(frozen=True)
class Area:
    """What is opened on a page, which is counted from 1: whole percents of the page's width and height."""

    page: int
    left: int
    top: int
    width: int
    height: int


class AreasForm(forms.Form):
    """Four numbers for each area that may be opened; an area without numbers is none."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, pages: int, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.pages = pages
        for names in self._rows():
            for side, name in names.items():
                self.fields[name] = _percents(SIDES[side], least=0 if side in ("left", "top") else 1)

    def sheets(self) -> Sequence[tuple[int, Sequence[Mapping[str, forms.BoundField]]]]:
        """Page by page, the fields of each area by its side."""
        rows = [{side: self[name] for side, name in names.items()} for names in self._rows()]
        return [(page, rows[(page - 1) * MOST_AREAS : page * MOST_AREAS]) for page in range(1, self.pages + 1)]

    @property
    def areas(self) -> Sequence[Area]:
        """What was typed, once it is valid."""
        rows = [[self.cleaned_data[name] for name in names.values()] for names in self._rows()]
        return [Area(place // MOST_AREAS + 1, *row) for place, row in enumerate(rows) if None not in row]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for names in self._rows():
            self._check_row(names, {side: cleaned.get(name) for side, name in names.items()})
        if not self.errors:
            self._check_share()
        return cleaned

    def _check_row(self, names: Mapping[str, str], row: Mapping[str, int | None]) -> None:
        if any(name in self.errors for name in names.values()) or all(value is None for value in row.values()):
            return
        for side, value in row.items():
            if value is None:
                self.add_error(names[side], _("Fill in all four numbers of this area, or none of them."))
                return
        for start, length in (("left", "width"), ("top", "height")):
            if (row[start] or 0) + (row[length] or 0) > 100:
                self.add_error(names[length], _("This area goes beyond the page."))

    def _check_share(self) -> None:
        for page in range(1, self.pages + 1):
            opened = sum(area.width * area.height for area in self.areas if area.page == page)
            if opened > MOST_OPEN * 100:
                told = {"page": page, "most": MOST_OPEN}
                sentence = _("On page %(page)s more than %(most)s %% is open. Open only what others need to see.")
                self.add_error(_name(page, 1, "width"), sentence % told)

    def _rows(self) -> Iterator[Mapping[str, str]]:
        for page in range(1, self.pages + 1):
            for number in range(1, MOST_AREAS + 1):
                yield {side: _name(page, number, side) for side in SIDES}


def _name(page: int, number: int, side: str) -> str:
    return f"page_{page}_area_{number}_{side}"


def _percents(label: Any, *, least: int) -> forms.IntegerField:
    sentence = _l("A whole number from %(least)s to 100.") % {"least": least}
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=least,
        max_value=100,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), sentence),
    )


@rights.needs(SEE_COPY)
def redact(
    *, public_id: uuid.UUID, data: Mapping[str, Any], by: Actor, user: User, now: datetime | None = None
) -> Document:
    """Draws and keeps the rendition, with these areas open, in place of an earlier one; gives it. The same areas again
    are the same rendition. Raises `NotFound`, `Forbidden` for who does not see the copy in clear, `Invalid` with all
    faults of the areas, and `Conflict` for what is no copy, is not kept, or cannot be drawn. It takes a second: not
    within a transaction."""
    now, document = now or timezone.now(), seeing.document_of(public_id)
    _check(document, by=by, user=user)
    form = AreasForm(data, pages=document.pages)
    if not form.is_valid():
        raise Invalid(errors_by_field(form))
    try:
        content = isolated.redact(storing.read(document), [astuple(area) for area in form.areas])
    except CannotUse:
        raise Conflict("not_drawn", _("This file cannot be drawn, so it cannot be redacted.")) from None
    assert document.case_id is not None
    with changing(document.case_id):
        document = Document.objects.select_for_update(of=("self",)).select_related("case").get(pk=document.pk)
        _check(document, by=by, user=user)
        return _keep(document, content, by=by, now=now)


def _check(document: Document, *, by: Actor, user: User) -> None:
    if not document.is_copy or document.case_id is None:
        raise Conflict("no_copy", _("This is no copy of an identity document."))
    copies.check_clear(document=document, by=by, user=user)


def _keep(document: Document, content: bytes, *, by: Actor, now: datetime) -> Document:
    """It is for the eyes that the original was for, without the parties: a scan, as the original is."""
    earlier = Document.objects.filter(redacts=document, state=DocumentState.KEPT)
    for one in earlier.exclude(sha256=storing.hash_of(content)):
        storing.delete(one, now=now)
    what = storing.What(
        purpose=f"redacted:{document.pk}",
        origin=Origin.SCANNED,
        case=document.case,
        item=document.item,
        label=_("%(name)s (redacted)") % {"name": PurePath(document.label or _("Copy")).stem},
        kind=Paper.IDENTITY,
        redacts=document,
    )
    return storing.keep(what, content, media_type=MediaType.PDF, pages=document.pages, by=by, now=now)
