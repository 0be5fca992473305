"""A process of ours starts without looking for garbage: it imports thousands of modules, which stay, and to look at
them again and again takes a sixth of the time. Each entry point begins it, and the last of our apps ends it."""

from __future__ import annotations

import gc

from django.apps import AppConfig


def begin() -> None:
    """From here on nobody looks for garbage, until all apps are ready."""
    gc.disable()


class Started(AppConfig):
    """The last of our apps. What is there now is never looked at again, in processes forked from this one either."""

    name = "backoffice.starting"

    def ready(self) -> None:
        gc.freeze()
        gc.enable()
