"""The process "top-up by telephone": all its parts, bound in one object, and its branch of the voice menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cases.catalogue import BoundCall, BoundEffect, BoundItem, Opening, Pages, Process
from backoffice.cases.menu_groups import MenuGroup
from backoffice.payments.provider import taking
from backoffice.payments.provider.ports import provider
from backoffice.payments.top_up import calling, calls, confirming, disputes, opening, rights, words
from backoffice.payments.top_up.models import BRANCH
from backoffice.telephony import menu_branches
from backoffice.telephony.live import teams
from workflows.top_up import spec
from workflows.top_up.story import TopUp

PROCESS = Process(
    spec=spec.TOP_UP,
    story=TopUp,
    opening=Opening(
        form=opening.TopUpForm,
        prepare=opening.prepare,
        offer=_("Add money by telephone"),
        offer_to_customer=_("Add money to my balance by telephone"),
        group=MenuGroup.PAYING,
        by_customers=True,
        why_not=opening.why_not,
    ),
    items=(BoundItem(spec.CONFIRM, confirming.ConfirmForm, confirming.confirmed),),
    effects=(BoundEffect(spec.SAY, calls.say),),
    calls=(
        BoundCall(spec.AUTHORISE, calls.authorise, begins_first=True),
        BoundCall(spec.RELEASE, calls.release),
        BoundCall(spec.CAPTURE, calls.capture),
    ),
    headline=words.headline,
    stands=words.stands,
    about=words.about,
    sentences=words.SENTENCES,
    words=words.WORDS,
    shows=words.shown_in_messages,
    on_close=calls.settle,
    call_sheet=words.call_sheet,
    rights=rights.ROWS,
    pages=Pages(
        portal="backoffice.payments.top_up.portal", desk_panel=words.desk_panel, portal_panel=words.portal_panel
    ),
)
taking.register(spec.TOP_UP.name, disputes.reported)
teams.name(spec.TOP_UP.name, _("the payments team"))
menu_branches.offer(
    menu_branches.Branch(
        name=BRANCH,
        digit="2",
        offer=_("To add money to your balance, press 2."),
        is_open=lambda: provider() is not None,
        begin=calling.begin,
        hear=calling.take_event,
        proceed=calling.proceed,
    )
)
