"""The page of a cession in the portal: what both parties need to know, in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from backoffice.cases import parties
from backoffice.cases.models import Case, CaseState, ItemState, WorkItem
from backoffice.domains.cession import papers
from backoffice.domains.cession.models import Cession, Route
from backoffice.domains.cession.new_holder import restored
from backoffice.messages.composing import stop_page
from workflows.domain_cession import spec
from workflows.domain_cession.facts import Agreed
from workflows.domain_cession.spec import CessionStage


@dataclass(frozen=True)
class Part:
    """What one of the two has done or must do; `state` is one of the six states."""

    who: str
    what: str
    state: str


def panel(case: Case, by: Any) -> tuple[str, Mapping[str, Any]]:
    """Who gives what to whom, who has signed, what is missing, until when it can be stopped, and how."""
    return "domain_cession/panel.html", {**_shown(case), "can_stop": _is_open(case) and not case.past_no_return}


def for_new_holder(case: Case, role: str) -> tuple[str, Mapping[str, Any]]:
    """The same for who takes the domain over. How the holder stops it is not theirs."""
    return "domain_cession/panel.html", {**_shown(case), "can_stop": False}


def _is_open(case: Case) -> bool:
    return case.state in (CaseState.OPEN, CaseState.FROZEN)


def _shown(case: Case) -> dict[str, Any]:
    cession = Cession.of(case)
    is_open = _is_open(case)
    return {
        "cession": cession,
        "domain": str(cession.domain),
        "ascii": cession.domain.name if cession.domain.name != str(cession.domain) else "",
        "new_name": restored(cession.new_holder).name,
        "form": papers.form_of(case) if is_open and not cession.executed_at else None,
        "parts": _parts(case, cession) if is_open and not cession.executed_at else [],
        "until": case.waiting_until if is_open and case.stage == CessionStage.COOLING.value else None,
        "stop_page": stop_page(),
    }


def _parts(case: Case, cession: Cession) -> Sequence[Part]:
    items = {item.kind: item for item in WorkItem.objects.filter(case=case).order_by("opened_at")}
    old, new = cession.old_holder_name, restored(cession.new_holder).name
    request = items.get(spec.REQUEST.name)
    first = _part(old, request, _("wants it, and has confirmed that"), _("has to confirm that they want it"))
    if cession.route == Route.ELECTRONIC:
        joined = parties.of_case(case)[spec.NEW_HOLDER.name].customer.user_id is not None
        waits = _("has to sign it") if joined else _("has to open an account with the code from our mail, and to sign")
        return [
            first,
            _part(old, items.get(spec.CONFIRM_OLD.name), _("has signed"), _("has to sign it")),
            _part(new, items.get(spec.CONFIRM_NEW.name), _("has signed"), waits),
        ]
    if cession.route == Route.SIGNED_PDF and spec.RECEIVE_FORM.name not in items:
        form = items.get(spec.UPLOAD.name)
        return [first, _part(f"{old}, {new}", form, _("have both signed the form"), _("have to sign the form"))]
    letter = items.get(spec.RECEIVE_FORM.name)
    return [first, _part(f"{old}, {new}", letter, _("have sent the signed form"), _("have to post the signed form"))]


def _part(who: str, item: WorkItem | None, done: str, waits: str) -> Part:
    if item is not None and item.state == ItemState.ANSWERED and item.outcome != Agreed.DECLINED.value:
        return Part(who, done, "done")
    if item is not None and item.state == ItemState.OPEN:
        return Part(who, waits, "customer")
    return Part(who, waits, "others")
