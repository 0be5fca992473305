"""A long form in pages, saved after each page: what is saved, what is still missing, and what is wrong on one page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.forms import BoundField, Field
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases.forms import ItemForm
from backoffice.cases.models import WorkItem
from backoffice.ui.forms import form_of


@dataclass(frozen=True)
class Page:
    """One page of a form; `number` counts from 1."""

    number: int
    title: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One line of "check your answers"."""

    label: str
    value: str
    change: int
    """The number of the page where it is changed."""
    field: BoundField


def pages_of(form: ItemForm) -> list[Page]:
    return [Page(number, str(title), tuple(names)) for number, (title, names) in enumerate(form.pages_now(), start=1)]


def kept(item: WorkItem) -> MultiValueDict[str, Any]:
    """The saved answers, as data for the form."""
    draft = item.draft or {}
    return MultiValueDict({name: value if isinstance(value, list) else [value] for name, value in draft.items()})


def with_page(item: WorkItem, page: Page, posted: QueryDict) -> dict[str, Any]:
    """The saved answers, with the new answers of this page in place of the old ones."""
    draft = {name: value for name, value in (item.draft or {}).items() if name not in page.names}
    for name in page.names:
        values = posted.getlist(name)
        if values:
            draft[name] = values[0] if len(values) == 1 else values
    return draft


def on_page(form: ItemForm, page: Page) -> ItemForm:
    """The same form with the fields and the faults of one page only."""
    faults = form.errors if form.is_bound else {}
    for name in [name for name in form.fields if name not in page.names]:
        del form.fields[name]
    for name in [name for name in faults if name not in page.names]:
        del faults[name]
    return form


def without_gaps(form: ItemForm) -> ItemForm:
    """The same form, whose faults are those of answers that were given: what is still missing is no fault yet, and
    begins with the value that the form proposes."""
    for name in [name for name in form.errors if name not in form.fields or not form[name].value()]:
        del form.errors[name]
    if isinstance(form.data, MultiValueDict):
        proposed = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
        missing = {name: [value] for name, value in proposed.items() if value and name not in form.data}
        form.data = MultiValueDict({**dict(form.data.lists()), **missing})
    return form


def first_gap(item: WorkItem, *, by: Actor) -> Page | None:
    """The first page on which something is missing or wrong; None when all is there."""
    form = form_of(item, by=by, data=kept(item))
    wrong = form.errors
    return next((page for page in pages_of(form) if any(name in wrong for name in page.names)), None)


def goes_on_at(item: WorkItem, *, by: Actor) -> Page | None:
    """The page on which the customer begins or goes on: the first one where nothing is saved yet, although nothing on
    it may have to be filled in."""
    return first_gap(item, by=by) if item.draft else pages_of(form_of(item, by=by, data=kept(item)))[0]


def progress(item: WorkItem, *, by: Actor) -> str:
    """ "3 of 5 answered"; empty when nothing is saved."""
    if not item.draft:
        return ""
    form = form_of(item, by=by, data=kept(item))
    asked = [name for page in pages_of(form) for name in page.names if _is_asked(form.fields[name])]
    given = [name for name in asked if item.draft.get(name)]
    return _("%(given)s of %(asked)s answered") % {"given": len(given), "asked": len(asked)} if asked else ""


def _is_asked(field: Field) -> bool:
    """Whether the field must be filled in, always or with the answers that lead to its page."""
    return field.required or getattr(field, "needed", False)


def rows(form: ItemForm) -> list[Row]:
    """All answers of a bound form in words, in the order of the pages, each with what is wrong with it."""
    form.is_valid()
    return [
        Row(str(form.fields[name].label or ""), _in_words(form, name), page.number, form[name])
        for page in pages_of(form)
        for name in page.names
        if not form.fields[name].widget.is_hidden
    ]


def _in_words(form: ItemForm, name: str) -> str:
    value = form.cleaned_data[name] if name in form.cleaned_data else form[name].value() or ""
    choices = dict(getattr(form.fields[name], "choices", ()))
    if isinstance(value, list):
        return ", ".join(str(choices.get(one, one)) for one in value)
    return str(choices.get(value, value))
