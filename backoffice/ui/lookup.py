"""A case by what somebody typed: the one look-up of every face."""

from __future__ import annotations

from django.utils.translation import gettext as _

from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.references import tidy_reference
from backoffice.refusals import Invalid, NotFound


class NotAReference(Invalid):
    """What was typed cannot be a reference: its check character does not fit. On the field `reference`."""

    def __init__(self, typed: str) -> None:
        sentence = _("%(reference)s is not a reference: a character in it is wrong")
        super().__init__({"reference": [sentence % {"reference": typed.strip()[:20].upper()}]})


def case_of(typed: str, *, customer: Customer | None = None) -> Case:
    """The case of a reference, however it was typed: small letters, blanks, without hyphens. It comes with its
    customer and the case above it.

    Raises `NotAReference` for a malformed one and `NotFound` for an unknown one. With a customer it looks among their
    cases only, and raises the same `NotFound` for all that is none of these.
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
