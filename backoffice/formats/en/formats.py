"""As on the desk's own pages: the day before the month, 24 hours. A time says which zone it is in."""

from __future__ import annotations

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j M Y, H:i e"
SHORT_DATE_FORMAT = "j M Y"
SHORT_DATETIME_FORMAT = "j M Y, H:i e"
TIME_FORMAT = "H:i"
