"""The process "suspicious contact": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cases.catalogue import BoundEffect, BoundItem, DeskLink, Opening, Pages, Process
from backoffice.cases.menu_groups import MenuGroup
from backoffice.staff.rights import READERS
from backoffice.suspicions import (
    effects,
    forms,
    impersonating,
    making_safe,
    panels,
    pausing,
    receiving,
    rights,
    waiting,
    words,
)
from backoffice.telephony import proving
from backoffice.trust import reporting
from workflows.suspicious_contact import spec
from workflows.suspicious_contact.story import SuspiciousContact

PROCESS = Process(
    spec=spec.SUSPICIOUS_CONTACT,
    story=SuspiciousContact,
    opening=Opening(
        form=forms.ReportForm,
        prepare=receiving.prepare,
        offer=_("Report a strange contact"),
        offer_to_customer=_("Report a strange call or message"),
        group=MenuGroup.WRONG,
        comes_first=True,
        by_roles=READERS,
        by_customers=True,
        why=lambda content: str(content.get("how", "")),
        page="portal:suspicious_contact:report",
        on_the_phone=_("Report that somebody pretends to be us"),
    ),
    items=(
        BoundItem(spec.SAY_MORE, forms.SayMoreForm, forms.said_more),
        BoundItem(spec.WAS_IT_YOU, forms.WasItYouForm, forms.said_whether),
        BoundItem(spec.MAKE_SAFE, making_safe.MakeSafeForm, making_safe.made_safe),
    ),
    effects=(
        BoundEffect(spec.WEIGH, effects.weigh),
        BoundEffect(spec.LET_GO_ON, effects.let_go_on),
        BoundEffect(spec.RAISE_LATE, effects.raise_undecided),
        BoundEffect(spec.SETTLE_LATE, effects.settle_undecided),
    ),
    headline=words.headline,
    summary=words.summary,
    about=words.about,
    sentences=words.SENTENCES,
    words=words.WORDS,
    evidence={spec.WHAT_WAS_GIVEN.name: words.what_was_given},
    on_close=pausing.settle,
    why_not_stop=words.why_not_stop,
    rights=rights.ROWS,
    pages=Pages(
        desk="backoffice.suspicions.desk",
        portal="backoffice.suspicions.portal",
        field="backoffice.suspicions.field",
        desk_link=DeskLink(page="groups", label=_("Strange contacts"), key="u", right=rights.LIST),
        desk_work=waiting.work,
        desk_news=waiting.news,
        desk_panel=panels.for_staff,
        portal_panel=panels.for_customer,
    ),
)

reporting.listen(receiving.heard)
proving.listen(impersonating.digits_wrong)
