"""The pages that processes bring themselves, on the faces."""

from __future__ import annotations

from importlib import import_module
from typing import Literal

from django.urls import URLResolver, include, path

from backoffice.cases import catalogue


def pages_of_processes(face: Literal["desk", "portal", "field", "api"]) -> list[URLResolver]:
    """Each process's own pages on this face, in a namespace named after the process: `portal:<process>:<page>`."""
    found = []
    for process in catalogue.all_processes():
        module: str = getattr(process.pages, face)
        if module:
            patterns = import_module(module).urlpatterns
            found.append(path("", include((patterns, process.name), namespace=process.name)))
    return found
