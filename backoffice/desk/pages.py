"""One page of the desk in the admin's frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme


def page(
    request: HttpRequest, template: str, title: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    whole = {**admin.site.each_context(request), "title": title, **(context or {})}
    return render(request, template, whole, status=status)


def back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """Back to the page of this site that `next` names, or to `otherwise` (an address or the name of a view)."""
    wanted = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(wanted if safe else otherwise)
