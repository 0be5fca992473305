"""Cases, work items, timelines and commands in the admin. Here they can be read and searched, but never changed. A case
is changed on its page at the desk, through the rules. There is no bulk action: nothing here answers, approves or
withdraws.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases import catalogue, timeline_view
from backoffice.cases.models import Case, Checkpoint, Command, Event, WorkItem
from backoffice.cases.words import title_of
from backoffice.customers.admin import show_on_customer
from backoffice.customers.models import Customer
from backoffice.references import tidy_reference
from backoffice.staff.read_only import ReadOnlyAdmin, ReadOnlyInline

Choices = Iterable[tuple[str, str]]
M = TypeVar("M", bound=Model)


class _Declared(admin.SimpleListFilter):
    """A filter that offers the values which the processes declare, whether or not the table has a row for each."""

    column = ""

    def choices_of(self) -> Choices:
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return list(dict(self.choices_of()).items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(**{self.column: self.value()}) if self.value() else queryset


class ByProcess(_Declared):
    title, parameter_name, column = _("process"), "process", "process"

    def choices_of(self) -> Choices:
        return [(process.name, _t(process.spec.title)) for process in catalogue.all_processes()]


class ByStage(_Declared):
    """Shown only once a process is chosen: the stages of all processes together are too many to choose from."""

    title, parameter_name, column = _("stage"), "stage", "stage"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        chosen = [one.spec for one in catalogue.all_processes() if one.name == request.GET.get("process")]
        return [(stage.value, _t(stage.staff)) for declared in chosen for stage in declared.stages]


class ByKind(_Declared):
    title, parameter_name, column = _("kind"), "kind", "kind"

    def choices_of(self) -> Choices:
        return [(kind.name, _t(kind.title)) for process in catalogue.all_processes() for kind in process.spec.kinds]


class NeedsAttention(admin.SimpleListFilter):
    title, parameter_name = _("needs attention"), "attention"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("yes", _t("Yes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        needing = Q(open_incidents__gt=0) | ~Q(waits_for="")
        return queryset.filter(needing) if self.value() == "yes" else queryset


class _ByReference(ReadOnlyAdmin[M]):
    """Searched by the reference of the case, however it was typed, and by nothing else."""

    reference = "case__reference"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[M], search_term: str
    ) -> tuple[QuerySet[M], bool]:
        if not search_term.strip():
            return queryset, False
        tidy = tidy_reference(search_term)
        return (queryset.filter(**{self.reference: tidy}) if tidy else queryset.none()), False


def _case_link(case: Case) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse("admin:desk_case", args=[case.reference]), case.reference)


@admin.register(Case)
class CaseAdmin(_ByReference[Case]):
    """The list of all cases, the newest first. A case is read on its page at the desk, where the rule for reading
    applies."""

    reference = "reference"
    list_display = [
        "reference_shown",
        "process_title",
        "subject",
        "stage",
        "state",
        "outcome",
        "waiting_on",
        "opened_at",
    ]
    list_filter = [ByProcess, ByStage, "state", "outcome", "waiting_on", NeedsAttention]
    search_fields = ["reference"]
    search_help_text = _("Reference, as it was read or typed")
    ordering = ["-opened_at", "id"]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("admin:desk_case", get_object_or_404(Case, pk=object_id).reference)

    @admin.display(description=_("reference"), ordering="reference")
    def reference_shown(self, case: Case) -> str:
        return case.reference

    @admin.display(description=_("process"))
    def process_title(self, case: Case) -> str:
        return _t(catalogue.spec(case.process).title)


@admin.register(WorkItem)
class WorkItemAdmin(_ByReference[WorkItem]):
    """Work items; answers and drafts, which are sealed, are shown at the desk only."""

    list_display = ["title", "case_reference", "performer", "role", "holder", "state", "outcome", "due_at"]
    list_filter = ["state", ByKind, "performer", "role"]
    list_select_related = ["case", "holder"]
    search_fields = ["case__reference"]
    search_help_text = _("Reference of the case")
    ordering = ["due_at", "id"]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("admin:desk_item", get_object_or_404(WorkItem, pk=object_id).pk)

    @admin.display(description=_("what to do"))
    def title(self, item: WorkItem) -> str:
        return title_of(item)

    @admin.display(description=_("case"))
    def case_reference(self, item: WorkItem) -> SafeString:
        return _case_link(item.case)


@admin.register(Event)
class EventAdmin(_ByReference[Event]):
    """All timelines, the newest event first."""

    list_display = ["at", "case_reference", "number", "sentence", "actor_kind", "channel", "proof"]
    list_filter = ["actor_kind", "channel"]
    list_select_related = ["case"]
    search_fields = ["case__reference"]
    search_help_text = _("Reference of the case")
    ordering = ["-id"]

    @admin.display(description=_("case"))
    def case_reference(self, event: Event) -> SafeString:
        return _case_link(event.case)

    @admin.display(description=_("what"))
    def sentence(self, event: Event) -> str:
        return timeline_view.sentence_for_staff(event, event.case.process)


@admin.register(Command)
class CommandAdmin(_ByReference[Command]):
    """The outbox. A dead letter stands here with its error; it is tried again from the worklist."""

    list_display = ["case_reference", "number", "kind", "signal", "state", "tries", "error", "created_at", "sent_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["case"]
    search_fields = ["case__reference"]
    search_help_text = _("Reference of the case")
    ordering = ["-next_try_at", "id"]

    @admin.display(description=_("case"))
    def case_reference(self, command: Command) -> str:
        return command.case.reference


@admin.register(Checkpoint)
class CheckpointAdmin(ReadOnlyAdmin[Checkpoint]):
    """The signed statements of all timelines."""

    list_display = ["at", "digest"]
    fields = ["at", "digest", "previous", "signature"]
    ordering = ["-id"]


@show_on_customer
class CaseInline(ReadOnlyInline[Case, Customer]):
    model = Case
    fields = ["reference_link", "process", "subject", "stage", "state", "outcome", "opened_at"]
    readonly_fields = ["reference_link"]
    ordering = ["-opened_at"]

    @admin.display(description=_("reference"))
    def reference_link(self, case: Case) -> SafeString:
        return _case_link(case)
