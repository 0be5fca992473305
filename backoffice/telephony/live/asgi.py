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
    """The application, with as many open connections as the machine lets us have."""
    from django.conf import settings
    from django.utils.log import configure_logging

    from backoffice.telephony.live.hub import Hub
    from backoffice.telephony.live.server import App

    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return App(Hub())
