"""Processes that are installed for one test only, with their pages and templates."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.test import override_settings
from django.urls import clear_url_caches

from backoffice.cases import catalogue, sentences
from backoffice.cases.catalogue import Process
from backoffice.messages import catalogue as messages

_REGISTRIES: tuple[dict[str, Any], ...] = (catalogue._processes, sentences._sentences, messages._kinds)
_ADDRESSES = ("backoffice.api.urls", "backoffice.field.urls", "backoffice.portal.urls", "backoffice.urls")


@contextlib.contextmanager
def installed(*processes: Process) -> Iterator[None]:
    """Registers the processes, and at the end removes everything that they registered. Templates are beside a story."""
    before = [dict(registry) for registry in _REGISTRIES]
    with_pages = any(process.pages.desk or process.pages.portal or process.pages.api for process in processes)
    try:
        for process in processes:
            catalogue.register(process)
        if with_pages:
            _mount_anew()
        with _templates_of(processes):
            yield
    finally:
        for registry, kept in zip(_REGISTRIES, before, strict=True):
            registry.clear()
            registry.update(kept)
        if with_pages:
            _mount_anew()


def _mount_anew() -> None:
    """Builds the URLs of all faces again, for the current catalogue."""
    for name in _ADDRESSES:
        if name in sys.modules:
            importlib.reload(sys.modules[name])
    clear_url_caches()


@contextlib.contextmanager
def _templates_of(processes: Sequence[Process]) -> Iterator[None]:
    beside = [Path(str(sys.modules[process.story.__module__].__file__)).parent / "templates" for process in processes]
    folders = [folder for folder in beside if folder.is_dir()]
    if not folders:
        yield
        return
    known = cast("list[dict[str, Any]]", settings.TEMPLATES)
    engines = [{**engine, "DIRS": [*engine["DIRS"], *folders]} for engine in known]
    with override_settings(TEMPLATES=engines):
        yield
