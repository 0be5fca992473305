"""Asking a registry in a call of a process."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from backoffice.cases.outside import OutsideRefused, OutsideUnavailable
from backoffice.domains.ports import RegistryRefusal, RegistryUnavailable

P = ParamSpec("P")
T = TypeVar("T")


def asked(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Puts the registry's two kinds of failure into the engine's words."""
    try:
        return call(*args, **kwargs)
    except RegistryRefusal as refusal:
        raise OutsideRefused(refusal.code) from refusal
    except RegistryUnavailable as unavailable:
        raise OutsideUnavailable(unavailable.reason) from unavailable
