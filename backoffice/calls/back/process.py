"""The process "call-back": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.calls.back import (
    booking,
    choosing,
    desk,
    effects,
    opening,
    preparing,
    rights,
    surveying,
    words,
    wrapping_up,
)
from backoffice.calls.back.portal import page
from backoffice.calls.back.records import TEAMS
from backoffice.calls.back.sentences import SENTENCES, WORDS
from backoffice.cases.catalogue import BoundEffect, BoundItem, DeskLink, Opening, Pages, Process
from backoffice.cases.menu_groups import MenuGroup
from backoffice.staff.models import Role
from backoffice.telephony.live import teams
from workflows.call_back import spec
from workflows.call_back.story import CallBack

PROCESS = Process(
    spec=spec.CALL_BACK_SPEC,
    story=CallBack,
    opening=Opening(
        form=opening.WishForm,
        prepare=opening.prepare,
        offer=_("Call the customer at a time that suits them"),
        offer_to_customer=_("Have us call you"),
        group=MenuGroup.TALK,
        by_roles=frozenset({Role.SUPPORT, Role.SUPERVISOR}),
        by_customers=True,
        why=opening.why,
        why_not=opening.why_not,
    ),
    items=(
        BoundItem(spec.CHOOSE_WINDOW, choosing.ChooseWindowForm, choosing.window_chosen),
        BoundItem(spec.FIND_TIME, choosing.FindTimeForm, choosing.time_found),
        BoundItem(spec.CALL, wrapping_up.WrapUpForm, wrapping_up.wrapped_up),
        BoundItem(spec.CALL_BY_SUPERVISOR, wrapping_up.WrapUpForm, wrapping_up.wrapped_up),
        BoundItem(spec.SURVEY, surveying.SurveyForm, surveying.surveyed),
    ),
    effects=(
        BoundEffect(spec.MAY_WE_CALL, effects.may_we_call),
        BoundEffect(spec.BOOK_NEXT, effects.book_next),
        BoundEffect(spec.ANNOUNCE, effects.announce),
        BoundEffect(spec.NOBODY_DIALS, effects.nobody_dials),
        BoundEffect(spec.GIVE_UP_WINDOW, effects.give_up_window),
        BoundEffect(spec.NOBODY_WRITES, effects.nobody_writes),
        BoundEffect(spec.KEEP_PLACE, effects.keep_place),
        BoundEffect(spec.ASK_LATER, effects.ask_later),
        BoundEffect(spec.SUPERVISOR_CALLS, effects.supervisor_calls),
    ),
    headline=words.headline,
    stands=words.stands,
    summary=words.summary,
    about=words.about,
    sentences=SENTENCES,
    words=WORDS,
    shows=effects.shown_in_messages,
    evidence={spec.SHEET.name: words.sheet},
    on_close=booking.close,
    why_not_stop=words.why_not_stop,
    rights=rights.ROWS,
    pages=Pages(
        desk="backoffice.calls.back.desk",
        portal="backoffice.calls.back.portal.urls",
        desk_link=DeskLink(page="weeks", label=_("Call-backs"), key="b", right=rights.STAFF_HOURS),
        desk_panel=desk.panel,
        portal_panel=page.panel,
        item_page=dict.fromkeys(preparing.KINDS, "admin:phone_authorisation:take_next"),
        item_done={spec.CHOOSE_WINDOW.name: "portal:call_back:call"},
    ),
)
for topic, team in TEAMS.items():
    teams.name(topic, team)
