"""What a case is, in words for staff, as its process says it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from backoffice.cases import catalogue
from backoffice.cases.models import Case


def title(case: Case) -> str:
    """The kind of the case: the title of its process."""
    return _(catalogue.spec(case.process).title)


def headline(case: Case) -> str:
    """The title, and what its particulars add: "Change of address: not yet proven"."""
    said = catalogue.process(case.process).summary(case)
    return f"{title(case)}: {said}" if said else title(case)
