"""A cession on the page of its case at the desk: parties, domain, locks, route, how far it is, and each file with what
was found in it, beside its pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backoffice.cases.models import Case, CaseState
from backoffice.documents import copies
from backoffice.documents.models import Document, DocumentState
from backoffice.domains import statuses
from backoffice.domains.cession import papers, progress
from backoffice.domains.cession.models import Cession, Examination
from backoffice.domains.cession.new_holder import restored
from backoffice.domains.models import Lock
from workflows.domain_cession.spec import CessionStage


def panel(case: Case) -> tuple[str, Mapping[str, Any]]:
    cession = Cession.of(case)
    domain, new = cession.domain, restored(cession.new_holder)
    is_on = case.state != CaseState.CLOSED and not cession.executed_at
    examined = Examination.objects.filter(case=case).select_related("document").order_by("-at")
    context = {
        "case": case,
        "cession": cession,
        "domain": domain,
        "ascii": domain.name if domain.name != str(domain) else "",
        "locks": statuses.in_words(domain.statuses) or [str(Lock(one).label) for one in domain.locks],
        "is_held": domain.held_by_case == case.pk,
        "new": new,
        "is_paper": progress.is_paper(case, cession),
        "parts": progress.parts(case, cession) if is_on else [],
        "until": case.waiting_until if is_on and case.stage == CessionStage.COOLING.value else None,
        "forms": _documents(case, papers.PURPOSE),
        "examined": [(one, one.document) for one in examined],
        "scans": copies.shown(_documents(case, papers.SCANNED)),
    }
    return "domain_cession/desk_panel.html", context


def _documents(case: Case, purpose: str) -> Sequence[Document]:
    found = Document.objects.filter(case=case, purpose=purpose).exclude(state=DocumentState.QUARANTINED)
    return list(found.order_by("made_at", "id"))
