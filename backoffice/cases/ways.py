"""The ways in which somebody without an account hears that they are the second party to a case, and gets a code."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from backoffice.customers.postal_rules import home


class Way(TextChoices):
    MAIL = "mail", _("by a code from our mail")
    HAND = "hand", _("by a code that the other one gave them")
    LETTER = "letter", _("by a code from our letter")


CODE_BY_MAIL = timedelta(hours=24)
CODE_BY_HAND = timedelta(days=7)
CODE_BY_POST = timedelta(days=21)
CODE_BY_POST_ABROAD = timedelta(days=30)
"""How long a code is good. NIST SP 800-63A, enrolment codes: by mail 24 hours; given directly 7 days (edition of 2017,
section 4.4.1.6); by post 21 days within the country and 30 abroad (edition 4)."""


def code_lasts(way: Way, *, country: str = "") -> timedelta:
    """How long the code is good. `country` is that of the postal address, ISO 3166-1."""
    if way is Way.LETTER:
        return CODE_BY_POST if country in ("", home()) else CODE_BY_POST_ABROAD
    return CODE_BY_HAND if way is Way.HAND else CODE_BY_MAIL
