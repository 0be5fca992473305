"""The process "a merchant's answer to a claim": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cases.catalogue import BoundItem, Pages, Process
from backoffice.payments.claim_answers import asking, sending, words
from backoffice.telephony.live import teams
from workflows.claim_answer import spec
from workflows.claim_answer.story import ClaimAnswer

PROCESS = Process(
    spec=spec.CLAIM_ANSWER,
    story=ClaimAnswer,
    prepare=asking.prepare,
    items=(BoundItem(spec.SEND_EVIDENCE, sending.EvidenceForm, sending.sent),),
    headline=words.headline,
    summary=words.summary,
    about=words.about,
    sentences=words.SENTENCES,
    shows=words.shown_in_messages,
    on_close=sending.keep_until,
    never_frozen=words.NEVER_FROZEN,
    why_not_stop=words.why_not_stop,
    pages=Pages(desk_panel=words.desk_panel, portal_panel=words.portal_panel),
)
teams.name(spec.CLAIM_ANSWER.name, _("the payments team"))
