from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from backoffice import starting, time_limits
from backoffice.raw_input import OnlyUtf8

starting.begin()
time_limits.this_is(time_limits.Runs.WEB)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
application = OnlyUtf8(get_wsgi_application())
