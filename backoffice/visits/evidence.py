"""What the people who decide about a visit need to see of it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from backoffice.cases.evidence import Lines, lines_of_answer
from backoffice.cases.models import Case, WorkItem
from backoffice.staff.models import StaffProfile
from backoffice.visits.booking import visit_of
from workflows.home_visit.spec import ID_CHECK


def visitor_phone(case: Case, item: WorkItem) -> Lines:
    """Whom to call first: the visitor's extension, which every telephone of ours reaches."""
    visitor = visit_of(case).visitor
    if visitor is None:
        return [("", _("No visitor was assigned."))]
    profile = StaffProfile.objects.filter(user=visitor).first()
    extension = profile.phone_extension if profile else ""
    return [(visitor.get_full_name(), extension or _("no extension is known: call the field office"))]


def findings(case: Case, item: WorkItem) -> Lines:
    """Who went, what came of it, and what the visitor noted at the door."""
    visit = visit_of(case)
    lines = []
    if visit.visitor:
        lines.append((_("Visitor"), visit.visitor.get_full_name()))
    if visit.found:
        lines.append((_("What came of it"), str(visit.get_found_display())))
    return [*lines, *lines_of_answer(case, ID_CHECK.name)]
