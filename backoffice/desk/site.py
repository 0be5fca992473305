"""The desk is the admin's site. Its first page is the worklist; the records of the admin are one click away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import admin
from django.contrib.auth.views import LogoutView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext_lazy as _

from backoffice.desk import refusing
from backoffice.telephony.rights import SEE_GATEWAY
from backoffice.ui.mounting import pages_of_processes
from backoffice.ui.staff import menu_links, signed_in

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


_UNUSED = frozenset({"view_on_site"})
"""It leads from a record to its own page; none of ours has one, and it breaks on an id that is none."""


class DeskSite(admin.AdminSite):
    """The site of everybody who may use the desk. Signing in and out and changing the password work as on every
    face."""

    site_title = site_header = "Countersign"
    index_title = _("Records")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_staff and request.user.has_perm("staff.use_desk")

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Shows a rule's refusal as a page, also on the admin's own pages."""
        return super().admin_view(refusing.shown(view), cacheable)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """With the pages of processes that the menu leads this person to."""
        return {**super().each_context(request), "desk_links": menu_links(request)}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:  # type: ignore[override]
        from backoffice.desk.views.worklist import worklist

        return worklist(request)

    def records(self, request: HttpRequest) -> HttpResponseBase:
        """All records of the admin, by app."""
        sees_gateway = SEE_GATEWAY.allows(signed_in(request).actor)
        return super().index(request, {"title": self.index_title, "sees_gateway": sees_gateway})

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"), "account_login")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:  # type: ignore[override]
        return LogoutView.as_view(next_page="account_login")(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]
        return redirect("account_change_password")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from backoffice.desk import urls

        ours = [path(route, self.admin_view(view), name=name) for route, view, name in urls.PAGES]
        records = path("records/", self.admin_view(self.records), name="desk_records")
        of_processes = pages_of_processes("desk", guard=self.admin_view)
        of_django = [one for one in super().get_urls() if getattr(one, "name", "") not in _UNUSED]
        return [*ours, records, *of_processes, *of_django]
