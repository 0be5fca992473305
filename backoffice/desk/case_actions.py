"""The actions on a whole case. Each is always shown, and says why if the reader may not take it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor
from backoffice.cases import freezing, incidents, withdrawing
from backoffice.cases.models import Case, CaseState

Text = str | Promise


@dataclass(frozen=True)
class Act:
    """`title` is the headline of its page, `meaning` says what the action does. `sensitive` asks for the second factor
    again, `asks_why` for a reason."""

    name: str
    label: Text
    title: Text
    meaning: Text
    done: Text
    why_not: Callable[[Case, Actor], str]
    do: Callable[[Case, Actor, str], object]
    sensitive: bool = False
    asks_why: bool = True
    danger: bool = False


def _why_not_freeze(case: Case, by: Actor) -> str:
    return freezing.why_not_freeze(case, by=by)


def _why_not_retry(case: Case, by: Actor) -> str:
    return incidents.why_not_retry(case, by=by)


FREEZE = Act(
    "freeze",
    _("Freeze"),
    _("Freeze this case"),
    _(
        "The case and those with it stop at once; what is due waits. The customer is told that we check something. "
        "Only a supervisor can unfreeze it, and not the person who froze it."
    ),
    _("The case is frozen."),
    _why_not_freeze,
    lambda case, by, reason: freezing.freeze(case_id=case.id, by=by, reason=reason),
)
UNFREEZE = Act(
    "unfreeze",
    _("Unfreeze"),
    _("Let this case go on"),
    _(
        "The case and those with it go on. Due dates move by the time for which it was frozen. The customer is told "
        "that it goes on."
    ),
    _("The case goes on."),
    lambda case, by: freezing.why_not_unfreeze(case, by=by),
    lambda case, by, reason: freezing.unfreeze(case_id=case.id, by=by, reason=reason),
    sensitive=True,
)
WITHDRAW = Act(
    "withdraw",
    _("Withdraw"),
    _("Stop this case"),
    _(
        "The case and those under it end. What they did is taken back as far as that is safe, and the customer is "
        "told. This cannot be undone."
    ),
    _("The case is being stopped."),
    lambda case, by: withdrawing.why_not_withdraw(case, by=by),
    lambda case, by, reason: withdrawing.withdraw(case_id=case.id, by=by, reason=reason),
    sensitive=True,
    danger=True,
)
RETRY = Act(
    "retry",
    _("Try again"),
    _("Try again what failed"),
    _("What failed is tried once more. If the cause is still there, it needs attention again."),
    _("It is being tried again."),
    _why_not_retry,
    lambda case, by, reason: incidents.retry(case_id=case.id, by=by),
    asks_why=False,
)
ACTS: Mapping[str, Act] = {act.name: act for act in (FREEZE, UNFREEZE, WITHDRAW, RETRY)}


@dataclass(frozen=True)
class Offered:
    label: str
    url: str
    why_not: str
    kind: str


def actions(case: Case, *, by: Actor) -> Sequence[Offered]:
    """The actions for the page of a case; none when it is closed."""
    has_incidents = bool(case.open_incidents or case.waits_for)
    if case.state == CaseState.CLOSED and not has_incidents:
        return ()
    frozen = case.state == CaseState.FROZEN
    offered = [UNFREEZE if frozen else FREEZE, WITHDRAW, *([RETRY] if has_incidents else [])]
    return [
        Offered(
            f"{act.label}…",
            reverse("admin:desk_action", args=[case.reference, act.name]),
            act.why_not(case, by),
            "primary" if act is RETRY else "",
        )
        for act in offered
    ]
