"""The process "a refund that did not arrive": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cases.catalogue import BoundItem, Pages, Process
from backoffice.payments.refund_returns import of_bills, paying, words
from backoffice.telephony.live import teams
from workflows.refund_return import spec
from workflows.refund_return.story import RefundReturn

PROCESS = Process(
    spec=spec.REFUND_RETURN,
    story=RefundReturn,
    prepare=paying.prepare,
    items=(
        BoundItem(spec.PAY_OTHERWISE, paying.PayForm, paying.paid),
        BoundItem(spec.PAY_WHOEVER, of_bills.PayWhoeverForm, of_bills.paid),
    ),
    headline=words.headline,
    summary=words.summary,
    about=words.about,
    sentences=words.SENTENCES,
    evidence={spec.REFUND.name: paying.evidence},
    never_frozen=words.NEVER_FROZEN,
    why_not_stop=words.why_not_stop,
    pages=Pages(desk_panel=words.desk_panel),
)
teams.name(spec.REFUND_RETURN.name, _("the payments team"))
