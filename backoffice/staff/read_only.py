"""Admin classes for records that only rules change: everything can be seen, nothing edited."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from backoffice.staff.models import User

M = TypeVar("M", bound=Model)
Parent = TypeVar("Parent", bound=Model)

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, TabularInline

    class _Admin(ModelAdmin[M], Generic[M]):
        pass

    class _Inline(TabularInline[M, Parent], Generic[M, Parent]):
        pass
else:

    class _Admin(admin.ModelAdmin):
        def __class_getitem__(cls, _item: object) -> type:
            return cls

    class _Inline(admin.TabularInline):
        def __class_getitem__(cls, _item: object) -> type:
            return cls


_narrowed: dict[type[Model], Callable[[User], Q]] = {}


def narrow(model: type[Model], which: Callable[[User], Q]) -> None:
    """From now on every list of these rows shows a person only those that `which` gives for them."""
    _narrowed[model] = which


def _seen(found: QuerySet[M], request: HttpRequest) -> QuerySet[M]:
    which = _narrowed.get(found.model)
    return found.filter(which(request.user)) if which and isinstance(request.user, User) else found


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts at most a thousand rows. To find one among more, people search or filter."""

    most = 1000

    @cached_property
    def count(self) -> int:
        assert isinstance(self.object_list, QuerySet)
        return self.object_list[: self.most].count()


class OwnFilters(_Admin[M]):
    """A list that is narrowed only by its own filters. Django takes every look-up on every column from the address:
    regular expressions, which the database may not understand or may take long over, and questions about columns that
    the list does not show.
    """

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        return _seen(super().get_queryset(request), request)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        name, _between, how = lookup.partition("__")
        filters = [one[0] if isinstance(one, tuple) else one for one in self.get_list_filter(request)]
        names = {one if isinstance(one, str) else getattr(one, "parameter_name", "") for one in filters}
        names |= {self.date_hierarchy} if self.date_hierarchy else set()
        return name in names and how in _HOWS


_HOWS = frozenset({"", "exact", "in", "isnull", "gte", "lt", "id__exact", "year", "month", "day"})
"""The look-ups that Django's filters put into their links."""


class ReadOnlyAdmin(OwnFilters[M]):
    """A page and a list to look at, for users with the `view` permission. There are no bulk actions."""

    actions = None
    paginator = BoundedPaginator
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False


class ReadOnlyInline(_Inline[M, Parent]):
    """Rows below a record, to look at only."""

    template = "admin/edit_inline/read_only.html"
    extra = 0
    can_delete = False
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        return _seen(super().get_queryset(request), request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
