"""The words of a home visit for its customer."""

from __future__ import annotations

from django.utils.translation import gettext as _

from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case


def headline(case: Case) -> Headline:
    return Headline(
        _("Our visit to you"),
        _(
            "One of us comes to your door, proves who they are, and looks at your identity document."
            " They take nothing with them."
        ),
    )
