"""How far a cession is, part by part: who has done what, what is missing, and whose turn it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from backoffice.cases import parties
from backoffice.cases.models import Case, ItemState, WorkItem
from backoffice.cases.ways import Way
from backoffice.customers.models import Customer
from backoffice.domains.cession.models import Cession, Route
from backoffice.domains.cession.new_holder import restored
from workflows.base.spec import ItemKind
from workflows.domain_cession import spec
from workflows.domain_cession.facts import Agreed, Uploaded
from workflows.domain_cession.spec import CessionStage

Items = Mapping[str, WorkItem]


@dataclass(frozen=True)
class Part:
    """What one of those concerned has done or must do; `state` is one of the six states."""

    who: str
    what: str
    state: str

    @property
    def says(self) -> str:
        """The word beside the shape of the state."""
        if self.state == "done":
            return _("done")
        return _("later") if self.state == "others" else _("now")


def parts(case: Case, cession: Cession, *, reader: Customer | None = None) -> Sequence[Part]:
    """In their order. `reader` is named as "you" beside their name; None for staff."""
    items = _items(case)
    old, new = _names(case, cession, reader)
    asked = _part(
        old, items, spec.REQUEST, _("wants it, and has confirmed that"), _("has to confirm that they want it")
    )
    if cession.route == Route.ELECTRONIC:
        proven = _signed_in_accounts(case, items, old, new)
    elif is_paper(case, cession):
        proven = _on_paper(items, old, new)
    else:
        both = _("%(old)s and %(new)s") % {"old": old, "new": new}
        proven = [_part(both, items, spec.UPLOAD, _("have both signed the form"), _("have to sign the form"))]
    return [asked, *proven, *_at_the_end(case, items)]


def is_paper(case: Case, cession: Cession) -> bool:
    """Whether both sign on paper: from the beginning, or in place of a file."""
    upload = _items(case).get(spec.UPLOAD.name)
    if cession.route == Route.PAPER:
        return True
    return upload is not None and upload.outcome == Uploaded.ON_PAPER.value


def _names(case: Case, cession: Cession, reader: Customer | None) -> tuple[str, str]:
    old, new = cession.old_holder_name, restored(cession.new_holder).name
    if reader is None:
        return old, new
    you = _("%(name)s (you)")
    return (you % {"name": old}, new) if reader.pk == case.customer_id else (old, you % {"name": new})


def _items(case: Case) -> Items:
    """The newest of each kind."""
    return {item.kind: item for item in WorkItem.objects.filter(case=case).order_by("opened_at")}


def _signed_in_accounts(case: Case, items: Items, old: str, new: str) -> Sequence[Part]:
    party = parties.of_case(case)[spec.NEW_HOLDER.name]
    waits = _("has to sign it") if party.customer.user_id is not None else _joins_by(Way(party.way))
    return [
        _part(old, items, spec.CONFIRM_OLD, _("has signed"), _("has to sign it")),
        _part(new, items, spec.CONFIRM_NEW, _("has signed"), waits),
    ]


def _joins_by(way: Way) -> str:
    if way is Way.HAND:
        return _("has to join with the code that the holder gives them, and to sign it")
    if way is Way.LETTER:
        return _("has to join with the code from our letter, and to sign it")
    return _("has to open an account with the code from our mail, and to sign it")


def _on_paper(items: Items, old: str, new: str) -> Sequence[Part]:
    both, us = _("%(old)s and %(new)s") % {"old": old, "new": new}, _("We")
    letter = _part(
        both,
        items,
        spec.RECEIVE_FORM,
        _("have sent the signed form: it is here"),
        _("have to sign the form and post it"),
        turn="customer",
    )
    checks = [items.get(kind.name) for kind in (spec.CHECK_FORM, spec.CHECK_AGAIN)]
    done = sum(1 for item in checks if item is not None and item.state == ItemState.ANSWERED)
    states = {0: "us" if any(checks) else "others", 1: "us"}
    check = Part(us, _("check the form: two people, each by the same list"), states.get(done, "done"))
    call = _part(
        us, items, spec.CALL_BACK, _("called the holder back"), _("call the holder back on an old number"), "us"
    )
    return [letter, check, call]


def _at_the_end(case: Case, items: Items) -> Sequence[Part]:
    found = []
    us = _("We")
    if spec.APPROVE.name in items:
        found.append(_part(us, items, spec.APPROVE, _("looked at it once more"), _("look at it once more"), "us"))
    past = case.stage == CessionStage.EXECUTED.value
    waits = "done" if past else "us" if case.stage == CessionStage.COOLING.value else "others"
    found.append(Part(us, _("wait, so that it can still be stopped"), waits))
    found.append(Part(us, _("have the registry write the new holder"), "us" if past else "others"))
    return found


def _part(who: str, items: Items, kind: ItemKind[Any, Any], done: str, waits: str, turn: str = "customer") -> Part:
    item = items.get(kind.name)
    if item is not None and item.state == ItemState.ANSWERED and item.outcome != Agreed.DECLINED.value:
        return Part(who, done, "done")
    return Part(who, waits, turn if item is not None and item.state == ItemState.OPEN else "others")
