"""The process "order by mail": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cases.catalogue import BoundEffect, BoundItem, DeskLink, Opening, Pages, Process
from backoffice.mail_orders import ordering, panels, rights, saying, waiting, words
from backoffice.staff.models import Role
from workflows.mail_order import spec
from workflows.mail_order.story import MailOrder

PROCESS = Process(
    spec=spec.MAIL_ORDER,
    story=MailOrder,
    opening=Opening(
        form=ordering.MailOrderForm,
        prepare=ordering.prepare,
        offer=_("Ask about a mail"),
        by_roles=frozenset({Role.SUPPORT, Role.SUPERVISOR}),
        why=ordering.why,
        why_not=ordering.why_not,
    ),
    items=(
        BoundItem(spec.SAY, saying.SayForm, saying.said),
        BoundItem(spec.LOOK_INTO, saying.LookIntoForgeryForm, saying.looked_into),
    ),
    effects=(BoundEffect(spec.RAISE_ALARM, saying.raise_alarm),),
    headline=words.headline,
    summary=words.summary,
    about=words.about,
    sentences=words.SENTENCES,
    words=words.WORDS,
    evidence={spec.HEADERS.name: words.headers},
    on_close=ordering.settle,
    why_not_stop=words.why_not_stop,
    rights=rights.ROWS,
    pages=Pages(
        desk="backoffice.mail_orders.desk",
        desk_link=DeskLink(page="mails", label=_("Mails"), key="m", right=rights.LIST),
        desk_work=waiting.work,
        desk_news=waiting.news,
        desk_panel=panels.for_staff,
        portal_panel=panels.for_customer,
    ),
)
