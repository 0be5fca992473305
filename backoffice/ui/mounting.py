"""Mounts the pages that processes and rooms bring along on the faces."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Literal

from django.apps import apps
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, include, path

from backoffice.cases import catalogue

View = Callable[..., HttpResponseBase]


def pages_of_processes(
    face: Literal["desk", "portal", "field", "api"], *, guard: Callable[[View], View] = lambda view: view
) -> list[URLResolver]:
    """Each process's own pages on this face, in a namespace named after the process: `portal:<process>:<page>`.

    `guard` wraps each page. Raises `ValueError` for a URL that another process has already, because it could never be
    reached.
    """
    found, taken = [], set[str]()
    for process in catalogue.all_processes():
        module: str = getattr(process.pages, face)
        if module:
            patterns: list[URLPattern] = import_module(module).urlpatterns
            addresses = {str(pattern.pattern) for pattern in patterns}
            if twice := taken & addresses:
                raise ValueError(f"{process.name} has the address of another: {', '.join(sorted(twice))}")
            taken |= addresses
            found.append(
                path("", include(([_guarded(one, guard) for one in patterns], process.name), namespace=process.name))
            )
    return found


def pages_of_rooms(kind: Literal["machines", "public"]) -> list[URLPattern]:
    """What rooms bring along themselves, because it is of no case yet: the modules with `urlpatterns` that they name in
    their `AppConfig` as `machines` (views that are `machines.Signed`) and as `public` (pages for anybody)."""
    modules = [str(getattr(room, kind)) for room in apps.get_app_configs() if hasattr(room, kind)]
    return [page for module in modules for page in import_module(module).urlpatterns]


def _guarded(page: URLPattern, guard: Callable[[View], View]) -> URLPattern:
    return URLPattern(page.pattern, guard(page.callback), page.default_args, page.name)
