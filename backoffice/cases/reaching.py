"""Evidence that every kind of work item can declare: how the customer is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.cases.models import Case, WorkItem
from backoffice.customers import contact_points
from backoffice.customers.models import ContactKind
from workflows.base.spec import CUSTOMER_PHONE


def customer_phone(case: Case, item: WorkItem) -> Sequence[tuple[str, str]]:
    """The number on file, and what makes it doubtful: then nobody may take who answers for the customer."""
    point = contact_points.current(customer=case.customer, kind=ContactKind.PHONE)
    if point is None:
        return [("", _("We have no telephone number of the customer. Write to them instead."))]
    lines = [(_("Number on file"), str(point.value))]
    if point.sim_swapped_at or timezone.now() - point.since < contact_points.RISK_AGE:
        doubt = _("This number is new, or its SIM was swapped: who answers may be somebody else. Tell them nothing.")
        lines.append(("", doubt))
    return lines


COMMON_EVIDENCE: Mapping[str, Callable[[Case, WorkItem], Sequence[tuple[str, str]]]] = {
    CUSTOMER_PHONE.name: customer_phone
}
