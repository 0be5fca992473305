"""Processes that are installed for one test only."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from backoffice.cases import catalogue, sentences
from backoffice.cases.catalogue import Process
from backoffice.messages import catalogue as messages

_REGISTRIES: tuple[dict[str, Any], ...] = (catalogue._processes, sentences._sentences, messages._kinds)


@contextlib.contextmanager
def installed(*processes: Process) -> Iterator[None]:
    """Registers the processes, and takes all that they registered away at the end."""
    before = [dict(registry) for registry in _REGISTRIES]
    try:
        for process in processes:
            catalogue.register(process)
        yield
    finally:
        for registry, kept in zip(_REGISTRIES, before, strict=True):
            registry.clear()
            registry.update(kept)
