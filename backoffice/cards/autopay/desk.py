"""What the desk sees of an update: what became of every payment, and which biller was asked to wait and knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from backoffice.cards.autopay import holds, lines
from backoffice.cards.autopay.models import LetterState, Line, LineState, Reach
from backoffice.cases.models import Case
from backoffice.webhooks.models import Delivery, DeliveryState

MOST = 300


@dataclass(frozen=True)
class Shown:
    """A line. `told` says whether its biller was asked to wait; `delivery` is the message that did not arrive, or 0."""

    name: str
    state: str
    answer: str
    told: str
    delivery: str = ""


def panel(case: Case) -> tuple[str, Mapping[str, object]] | None:
    update = lines.update_of(case)
    found = Line.objects.filter(update=update).select_related("mandate__biller").order_by("position")[:MOST]
    rows = list(found)
    keys = {holds.message_key(line) for line in rows if line.holds}
    sent = {one.key: one for one in Delivery.objects.filter(key__in=keys)}
    shown = [_shown(line, sent.get(holds.message_key(line))) for line in rows]
    context = {
        "lines": shown,
        "wallets": list(update.wallets.all()),
        "undelivered": [one for one in shown if one.delivery],
        "said": _counted(lines.counts(update)),
    }
    return ("autopay_update/desk_panel.html", context) if shown or context["wallets"] else None


def _shown(line: Line, sent: Delivery | None) -> Shown:
    failed = sent is not None and sent.state == DeliveryState.FAILED
    return Shown(
        name=line.mandate.biller.name,
        state=str(line.get_state_display()),
        answer=str(line.get_answer_display()) if line.in_batch else _("was not asked: added by hand"),
        told=_told(line, sent),
        delivery=str(sent.pk) if failed and sent else "",
    )


def _told(line: Line, sent: Delivery | None) -> str:
    if sent is not None:
        return {
            DeliveryState.WAITING: _("message on its way"),
            DeliveryState.SENT: _("asked to wait") if line.hold_until else _("told that it is over"),
            DeliveryState.FAILED: _("message not delivered"),
            DeliveryState.SET_ASIDE: _("message set aside"),
        }[DeliveryState(sent.state)]
    if line.letter_state:
        said = {
            LetterState.WAITS: _("letter is being sent"),
            LetterState.SENT: _("asked to wait by letter or mail"),
            LetterState.REFUSED: _("letter cannot be delivered"),
        }
        return said[LetterState(line.letter_state)]
    if line.state != LineState.TO_DO:
        return _("not needed")
    unreachable = line.mandate.biller.reach in (Reach.NOTHING, Reach.WEBHOOK)
    return _("cannot be reached") if unreachable else _("no longer helps")


def _counted(found: lines.Counts) -> str:
    told = {"moved": found.moved, "yours": found.yours, "silent": found.silent, "left": found.left}
    return _("%(moved)d moved, %(yours)d wait for the customer, %(silent)d not answered, %(left)d left") % told
