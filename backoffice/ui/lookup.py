"""Finds a case by what somebody typed. Every face uses this look-up."""

from __future__ import annotations

from django.utils.translation import gettext as _

from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.references import tidy_reference
from backoffice.refusals import Invalid, NotFound
from backoffice.text import kept


class NotAReference(Invalid):
    """The typed text cannot be a reference, because its check character is wrong. The error is on the field
    `reference`."""

    def __init__(self, typed: str) -> None:
        sentence = _("%(reference)s is not a reference: a character in it is wrong")
        super().__init__({"reference": [sentence % {"reference": kept(typed)[:20].upper()}]})


def case_of(typed: str, *, customer: Customer | None = None) -> Case:
    """The case of a reference, however it was typed: in lower case, with spaces, without hyphens. It comes with its
    customer and the case above it.

    Raises `NotAReference` for a malformed one and `NotFound` for an unknown one. With a customer it looks only among
    their cases, and raises the same `NotFound` for every other one.
    """
    reference = tidy_reference(typed)
    cases = Case.objects.select_related("customer", "parent")
    if customer is not None:
        case = cases.filter(reference=reference, customer=customer).first() if reference else None
        if case is None:
            raise NotFound("unknown_case", _("There is no such case."), field="reference")
        return case
    if reference is None:
        raise NotAReference(typed)
    case = cases.filter(reference=reference).first()
    if case is None:
        raise NotFound(
            "unknown_case", _("There is no case %(reference)s") % {"reference": reference}, field="reference"
        )
    return case
