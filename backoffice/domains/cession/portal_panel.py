"""The page of a cession in the portal, one for both parties: who gives what to whom, who has confirmed, what is
missing, until when it can still be stopped, and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases import parties
from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case, CaseOutcome, CaseState
from backoffice.customers.models import Customer
from backoffice.documents import seeing
from backoffice.domains import debts
from backoffice.domains.cession import papers, progress
from backoffice.domains.cession.models import Cession, Examination
from backoffice.domains.cession.new_holder import restored
from backoffice.messages.composing import stop_page
from workflows.domain_cession.spec import NEW_HOLDER, CessionStage

Panel = tuple[str, Mapping[str, Any]]


def panel(case: Case, by: Actor) -> Panel:
    """For the holder."""
    return _panel(case, reader=case.customer, is_new=False)


def party_panel(case: Case, by: Actor) -> Panel:
    """For the new holder: the same, but for what only the other has sent."""
    return _panel(case, reader=parties.of_case(case)[NEW_HOLDER.name].customer, is_new=True)


def party_headline(case: Case) -> Headline:
    """For the new holder, in every state."""
    cession = Cession.of(case)
    told = {"domain": str(cession.domain), "old": cession.old_holder_name}
    if cession.executed_at:
        return Headline(_("%(domain)s is yours") % told)
    title = _("%(domain)s is to become yours") % told
    if case.state != CaseState.CLOSED:
        return Headline(title, _("%(old)s named you as the new holder. Until all is done, it stays theirs.") % told)
    said = _("It was stopped.") if case.outcome == CaseOutcome.WITHDRAWN else _("It did not come to it.")
    return Headline(_("%(domain)s stays with its holder") % told, said)


def _panel(case: Case, *, reader: Customer, is_new: bool) -> Panel:
    cession = Cession.of(case)
    is_open = case.state in (CaseState.OPEN, CaseState.FROZEN)
    goes_on = is_open and not cession.executed_at
    seen = list(seeing.of_case(case, customer=reader).filter(purpose__in=(papers.PURPOSE, papers.SIGNED)))
    ids = {document.pk for document in seen}
    examined = Examination.objects.filter(case=case).select_related("document").order_by("-at")
    context = {
        "case": case,
        "cession": cession,
        "domain": str(cession.domain),
        "ascii": cession.domain.name if cession.domain.name != str(cession.domain) else "",
        "domain_id": cession.domain.public_id,
        "new_name": restored(cession.new_holder).name,
        "is_new": is_new,
        "owed": "" if is_new or not goes_on else debts.own(cession.domain, timezone.now()),
        "zone": reader.time_zone,
        "parts": progress.parts(case, cession, reader=reader) if goes_on else [],
        "until": case.waiting_until if goes_on and case.stage == CessionStage.COOLING.value else None,
        "can_stop": is_open and not case.past_no_return,
        "goes_on": goes_on,
        "stop_page": stop_page(),
        "forms": [document for document in seen if document.purpose == papers.PURPOSE] if goes_on else [],
        "is_paper": progress.is_paper(case, cession),
        "examined": [(one, one.document if one.document_id in ids else None) for one in examined],
    }
    return "domain_cession/panel.html", context
