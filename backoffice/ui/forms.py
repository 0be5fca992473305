"""Forms on a page: the words for missing answers, and a rule's refusal beside its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases import catalogue
from backoffice.cases.forms import ItemForm
from backoffice.cases.models import WorkItem
from backoffice.refusals import Refused

FormT = TypeVar("FormT", bound=forms.Form)


def form_of(item: WorkItem, *, by: Actor, data: Mapping[str, Any] | None = None) -> ItemForm:
    """The form of a work item, with data, or with what is saved of it."""
    return plainly_worded(catalogue.answering(item).form_for(item, by=by, data=data, initial=item.draft or {}))


def plainly_worded(form: FormT) -> FormT:
    """Gives required fields a sentence that says what to do, unless the form has its own."""
    for field in form.fields.values():
        if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
            field.error_messages["required"] = _("Choose one.") if hasattr(field, "choices") else _("Fill this in.")
    return form


def with_faults(form: FormT, refused: Refused) -> FormT:
    """Adds a rule's faults to the form's own, each on its field if the form has that field."""
    form.is_valid()
    errors: Mapping[str, list[str]] = getattr(refused, "errors", {refused.field: [refused.sentence]})
    for name, sentences in errors.items():
        known = name if name in form.fields else None
        if (known or "__all__") not in form.errors:
            form.add_error(known, list(sentences))
    return form


@dataclass(frozen=True)
class Late:
    """An act that came too late: why, and what was typed for it, if anything (`components/late.html`)."""

    sentence: str
    typed: forms.Form | None


def too_late(sentence: str, typed: forms.Form | None) -> Late:
    """What was typed stands beside the form that the page offers now, so its fields get ids of their own."""
    if typed is not None:
        typed.auto_id = "id_late_%s"
    return Late(sentence, typed)
