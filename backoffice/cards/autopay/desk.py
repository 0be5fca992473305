"""What the desk sees of an update: what became of every payment, and which biller was asked to wait and knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cards.autopay import lines, told
from backoffice.cards.autopay.models import Line
from backoffice.cards.autopay.told import Told
from backoffice.cases.models import Case

MOST = 300
_SAID = {
    Told.NOT_NEEDED: _("not needed"),
    Told.NOT_YET: _("not yet"),
    Told.ON_ITS_WAY: _("message on its way"),
    Told.ASKED: _("asked to wait"),
    Told.OVER: _("told that it is over"),
    Told.NOT_DELIVERED: _("message not delivered"),
    Told.SET_ASIDE: _("message set aside"),
    Told.SWITCHED_OFF: _("messages to it are switched off"),
    Told.LETTER_WAITS: _("letter is being sent"),
    Told.LETTER_SENT: _("asked to wait by letter or mail"),
    Told.LETTER_REFUSED: _("letter cannot be delivered"),
    Told.UNREACHABLE: _("cannot be reached"),
    Told.NO_LONGER_HELPS: _("no longer helps"),
}


@dataclass(frozen=True)
class Shown:
    """A line. `told` says whether its biller was asked to wait; `delivery` is the message that did not
    arrive, or empty; `is_lift` says that it was the one that lifts the hold."""

    name: str
    state: str
    answer: str
    told: str
    delivery: str = ""
    is_lift: bool = False


def panel(case: Case) -> tuple[str, Mapping[str, object]] | None:
    update = lines.update_of(case)
    rows = list(
        Line.objects.filter(update=update).select_related("mandate__biller__endpoint").order_by("position")[:MOST]
    )
    how = told.of_lines(rows, today=timezone.now().date())
    shown = [_shown(line, how[line.pk]) for line in rows]
    context = {
        "lines": shown,
        "wallets": list(update.wallets.all()),
        "not_told": [one for one in shown if one.delivery and not one.is_lift],
        "not_released": [one for one in shown if one.delivery and one.is_lift],
        "said": _counted(lines.counts(update)),
    }
    return ("autopay_update/desk_panel.html", context) if shown or context["wallets"] else None


def _shown(line: Line, how: told.How) -> Shown:
    failed = how.message is not None and how.told in (Told.NOT_DELIVERED, Told.SWITCHED_OFF)
    return Shown(
        name=line.mandate.biller.name,
        state=str(line.get_state_display()),
        answer=str(line.get_answer_display()) if line.in_batch else _t("was not asked: added by hand"),
        told=str(_SAID[how.told]),
        delivery=str(how.message.pk) if failed and how.message else "",
        is_lift=line.hold_until is None,
    )


def _counted(found: lines.Counts) -> str:
    counted = {"moved": found.moved, "yours": found.yours, "silent": found.silent, "left": found.left}
    return _t("%(moved)d moved, %(yours)d wait for the customer, %(silent)d not answered, %(left)d left") % counted
