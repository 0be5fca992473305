"""Cases, work items, timelines and commands in the admin. Here they can be read and searched, but never changed. A case
is changed on its page at the desk, through the rules. There is no bulk action: nothing here answers, approves or
withdraws.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases import catalogue
from backoffice.cases.models import Case, Checkpoint, Command, Event, WorkItem
from backoffice.customers.admin import show_on_customer
from backoffice.customers.models import Customer
from backoffice.customers.record_admin import RecordAdmin, desk_actor
from backoffice.references import tidy_reference
from backoffice.staff.read_only import ReadOnlyAdmin, ReadOnlyInline
from backoffice.staff.rights import READ

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


class ByProcessOfCase(ByProcess):
    column = "case__process"


class NeedsAttention(admin.SimpleListFilter):
    title, parameter_name = _("needs attention"), "attention"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("yes", _t("Yes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        needing = Q(open_incidents__gt=0) | ~Q(waits_for="")
        return queryset.filter(needing) if self.value() == "yes" else queryset


class ByReference(RecordAdmin[M]):
    """Searched by the reference of the case, however it was typed, and by nothing else."""

    reference = "case__reference"

    def found(self, request: HttpRequest, object_id: str) -> M:
        """Raises `PermissionDenied` for a role that sees no such list, `Http404` for what is not there or no id."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        record: M | None = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        return record

    def case_of(self, record: M) -> Case:
        case: Case = record if isinstance(record, Case) else record.case  # type: ignore[attr-defined]
        return case

    def customer_of(self, record: M) -> Customer:
        return self.case_of(record).customer

    @admin.display(description=_("case"))
    def case_reference(self, record: M) -> SafeString:
        return case_link(self.case_of(record))

    @admin.display(description=_("process"))
    def process_title(self, record: M) -> str:
        return _t(catalogue.spec(self.case_of(record).process).title)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[M], search_term: str
    ) -> tuple[QuerySet[M], bool]:
        if not search_term.strip():
            return queryset, False
        tidy = tidy_reference(search_term)
        return (queryset.filter(**{self.reference: tidy}) if tidy else queryset.none()), False


def case_link(case: Case) -> SafeString:
    """A link to the page of the case at the desk, in its reference."""
    return format_html('<a href="{}">{}</a>', reverse("admin:desk_case", args=[case.reference]), case.reference)


@admin.register(Case)
class CaseAdmin(ByReference[Case]):
    """The list of all cases, the newest first, with what may be seen without a need to know. A case is read on its page
    at the desk, where the rule for reading applies."""

    reference = "reference"
    list_display = ["reference_shown", "process_title", "state", "opened_at", "closed_at"]
    list_filter = [ByProcess, "state", NeedsAttention]
    search_fields = ["reference"]
    search_help_text = _("Reference, as it was read or typed")
    ordering = ["-opened_at", "id"]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("admin:desk_case", self.found(request, object_id).reference)

    @admin.display(description=_("reference"), ordering="reference")
    def reference_shown(self, case: Case) -> str:
        return case.reference


@admin.register(WorkItem)
class WorkItemAdmin(ByReference[WorkItem]):
    """Work items. What is asked, and what was answered, is shown at the desk only, where the rule for reading
    applies."""

    list_display = ["opened_at", "case_reference", "process_title", "state", "due_at"]
    list_filter = ["state", ByProcessOfCase]
    list_select_related = ["case"]
    search_fields = ["case__reference"]
    search_help_text = _("Reference of the case")
    ordering = ["due_at", "id"]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("admin:desk_item", self.found(request, object_id).pk)


@admin.register(Event)
class EventAdmin(ByReference[Event]):
    """All timelines, the newest event first: that something happened, and when. What it was stands on its page, which
    asks why, and at the desk."""

    list_display = ["at", "case_reference", "process_title", "number"]
    list_filter = [ByProcessOfCase]
    list_select_related = ["case"]
    search_fields = ["case__reference"]
    search_help_text = _("Reference of the case")
    ordering = ["-id"]


@admin.register(Command)
class CommandAdmin(ByReference[Command]):
    """The outbox. A dead letter stands here with its error; it is tried again from the worklist. What a command says is
    not shown: it holds the answers of people."""

    list_display = ["of_case", "number", "kind", "state", "tries", "error", "created_at", "sent_at"]
    list_filter = ["state", "kind"]
    fields = ["case", "number", "kind", "state", "tries", "error", "created_at", "next_try_at", "sent_at"]
    list_select_related = ["case"]
    search_fields = ["case__reference"]
    search_help_text = _("Reference of the case")
    ordering = ["-next_try_at", "id"]

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        """An administrator sees the list and reads no case, so no link leads to a refusal."""
        return super().get_list_display_links(request, list_display) if READ.allows(desk_actor(request)) else None

    @admin.display(description=_("case"))
    def of_case(self, command: Command) -> str:
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
        return case_link(case)
