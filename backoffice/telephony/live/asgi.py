"""How the streams are served: `uvicorn --factory backoffice.telephony.live.asgi:build`, with the settings of the web
process but for the database, which it does not use."""

from __future__ import annotations

import os
import resource
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backoffice.telephony.live.server import App

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")


def build() -> App:
    """The application, with as many open connections as the machine lets us have. Raises `ImproperlyConfigured`
    without what it needs of the settings: by an empty key anybody could seal a state."""
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.utils.log import configure_logging

    from backoffice.telephony.live.hub import Hub
    from backoffice.telephony.live.server import App

    needed = {"SEALING_KEYS": all(settings.SEALING_KEYS), "CACHE_URL": settings.LIVE_STORE}
    if missing := [name for name, given in needed.items() if not given]:
        raise ImproperlyConfigured(f"Set {', '.join(missing)} for the streams.")
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return App(Hub())
