"""The field of a work item's form to which files are added on a page of their own.

A process puts `UploadedDocuments(purpose=…)` into a `DocumentsForm`. The field takes nothing from the form that is
sent: its value is the public ids of what lies with the item at that moment. So a long form can be saved page by page,
a file is sent only once, and nobody can name a document of another case.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases.forms import ItemForm
from backoffice.cases.models import ItemState, WorkItem
from backoffice.documents import copies
from backoffice.documents.copies import ShowsCopies
from backoffice.documents.models import Document, DocumentState, Paper
from backoffice.staff.models import User

MOST = 5


class DocumentsList(forms.Widget):
    """What lies with the item, and the way to add more."""

    template_name = "documents/uploaded.html"
    use_fieldset = True
    item: WorkItem | None = None
    documents: list[Document] = []
    field = ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["documents"] = self.documents
        context["is_open"] = self.item is not None and self.item.state == ItemState.OPEN
        if self.item is not None:
            context["url"] = reverse("documents:keep", args=[self.item.id, self.field])
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        return [str(document.public_id) for document in self.documents]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return False


class UploadedDocuments(forms.MultipleChoiceField):
    """`purpose` is the code under which the documents are kept (`Document.purpose`), `most` how many there may be. With
    `reads_marks` the mark of our form is read on each as it is added (`Document.read_mark`). With `kinds` whoever adds
    a file says which paper it shows; the first is taken where nobody says."""

    widget = DocumentsList
    default_error_messages = {"required": _("Add the file first.")}

    def __init__(
        self,
        *,
        purpose: str,
        most: int = MOST,
        reads_marks: bool = False,
        kinds: Sequence[Paper] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.kinds = tuple(kinds)
        self.reads_marks = reads_marks
        self.purpose = purpose
        self.most = most
        self.documents: list[Document] = []

    def bind(self, item: WorkItem, name: str) -> None:
        """Reads what lies with the item. The choices also name what was deleted since, for an answer that is read
        later."""
        states = (DocumentState.KEPT, DocumentState.DELETED)
        found = list(
            Document.objects.filter(item=item, purpose=self.purpose, state__in=states).order_by("made_at", "id")
        )
        self.documents = [document for document in found if document.is_kept]
        self.choices = [(str(document.public_id), label_of(document)) for document in found]
        assert isinstance(self.widget, DocumentsList)
        self.widget.item, self.widget.documents, self.widget.field = item, self.documents, name

    def clean(self, value: Any) -> list[str]:
        """Raises `ValidationError` where a file is needed and none is there."""
        found = [str(document.public_id) for document in self.documents]
        if self.required and not found:
            raise ValidationError(self.error_messages["required"], code="required")
        return found


class Pages(forms.Widget):
    """The pages of documents, large."""

    template_name = "documents/pages.html"
    use_fieldset = True
    documents: list[Document] = []

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["documents"] = self.documents
        return context


class ShownDocuments(forms.Field):
    """Nothing that is answered: the pages that whoever answers must look at, in the form itself. `purposes` are those
    under which they are kept in the item's case or in those with it."""

    widget = Pages

    def __init__(self, *, purposes: Collection[str], **kwargs: Any) -> None:
        super().__init__(required=False, disabled=True, **kwargs)
        self.purposes = frozenset(purposes)

    def bind(self, item: WorkItem, *, by: Actor) -> None:
        root = item.case.root_id_or_own
        family = Q(case_id=root) | Q(case__root_id=root)
        found = Document.objects.filter(family, purpose__in=self.purposes).exclude(state=DocumentState.QUARANTINED)
        assert isinstance(self.widget, Pages)
        self.widget.documents = list(found.order_by("made_at", "id"))

    def clean(self, value: Any) -> None:
        return None


class Papers(Pages):
    """The pages of papers of several kinds, with the way to redact the copies of identity documents among them."""

    template_name = "documents/papers.html"
    item: WorkItem | None = None
    by: Actor | None = None

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        user = (
            User.objects.filter(public_id=self.by.id).first() if self.by and self.by.kind is ActorKind.STAFF else None
        )
        context["papers"] = copies.shown(self.documents, by=self.by, user=user)
        context["to_redact"] = copies.not_redacted(self.documents)
        context["item"] = self.item
        return context


class CheckedPapers(ShowsCopies, ShownDocuments):
    """The same for papers that whoever answers checks, copies of identity documents in clear included, if they have
    claimed the item. The item is answered only once each of those is redacted: afterwards the originals go."""

    widget = Papers

    def bind(self, item: WorkItem, *, by: Actor) -> None:
        super().bind(item, by=by)
        assert isinstance(self.widget, Papers)
        self.widget.item, self.widget.by = item, by

    def clean(self, value: Any) -> None:
        """Raises `ValidationError` with the names of the copies that are not redacted."""
        assert isinstance(self.widget, Papers)
        if missing := copies.not_redacted(self.widget.documents):
            names = ", ".join(str(label_of(one)) for one in missing)
            sentence = _("Redact the copy of an identity document first: %(names)s. Nobody else may see it in clear.")
            raise ValidationError(sentence, code="not_redacted", params={"names": names})


class DocumentsForm(ItemForm):
    """The base of forms with such fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, UploadedDocuments):
                field.bind(self.item, name)
            elif isinstance(field, ShownDocuments):
                field.bind(self.item, by=self.by)


def chosen(cleaned: Mapping[str, Any], name: str) -> QuerySet[Document]:
    """The documents of a field, from the cleaned data of its form."""
    return Document.objects.filter(public_id__in=[uuid.UUID(one) for one in cleaned[name]]).order_by("made_at", "id")


def label_of(document: Document) -> str | Promise:
    """What its sender called it; without that, what kind of file it is."""
    return document.label or document.get_media_type_display()
