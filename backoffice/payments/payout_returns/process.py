"""The process "money of a payout that comes back": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cases.catalogue import BoundCall, BoundEffect, Pages, Process
from backoffice.payments.payout_returns import opening, taking, words
from backoffice.telephony.live import teams
from workflows.payout_return import spec
from workflows.payout_return.story import PayoutReturn

PROCESS = Process(
    spec=spec.PAYOUT_RETURN,
    story=PayoutReturn,
    prepare=opening.prepare,
    items=(),
    effects=(BoundEffect(spec.LOOK, taking.look), BoundEffect(spec.GIVE_UP, taking.leave_as_debt)),
    calls=(BoundCall(spec.TAKE, taking.take),),
    headline=words.headline,
    summary=words.summary,
    about=words.about,
    sentences=words.SENTENCES,
    words=words.WORDS,
    shows=words.shown_in_messages,
    on_close=taking.release,
    never_frozen=words.NEVER_FROZEN,
    why_not_stop=words.why_not_stop,
    pages=Pages(desk_panel=words.desk_panel, portal_panel=words.portal_panel),
)
teams.name(spec.PAYOUT_RETURN.name, _("the payments team"))
