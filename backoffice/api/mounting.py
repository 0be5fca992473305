"""The addresses that processes have of their own, mounted beside those of the API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.urls import URLPattern, URLResolver, include, path

from backoffice.cases import catalogue


def mounted(prefix: str, *, beside: Sequence[URLPattern]) -> list[URLResolver]:
    """Those of each process in a namespace of its name: `api:card_reissue:fraud`.

    Raises `ValueError` for an address that is there already, for it would never be reached.
    """
    taken = {str(pattern.pattern) for pattern in beside}
    found = []
    for process in catalogue.all_processes():
        if not process.pages.api:
            continue
        resolver = path(prefix, include((process.pages.api, process.name)))
        own = set(_addresses(resolver, prefix))
        if twice := taken & own:
            raise ValueError(f"{process.name} has the address of another: {', '.join(sorted(twice))}")
        taken |= own
        found.append(resolver)
    return found


def _addresses(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern, prefix + str(pattern.pattern))
        else:
            yield prefix + str(pattern.pattern)
