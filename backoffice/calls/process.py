"""The process "phone authorisation": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.calls import (
    effects,
    giving,
    looking_into,
    opening,
    proving,
    rights,
    words,
    wrapping_up,
)
from backoffice.calls.desk import console, next_calls
from backoffice.calls.portal import page
from backoffice.calls.sentences import SENTENCES, WORDS
from backoffice.cases.catalogue import BoundEffect, BoundItem, DeskLink, Opening, Pages, Process
from backoffice.staff.models import Role
from workflows.phone_authorisation import spec
from workflows.phone_authorisation.story import PhoneAuthorisation

PROCESS = Process(
    spec=spec.PHONE_AUTHORISATION,
    story=PhoneAuthorisation,
    opening=Opening(
        form=opening.CallForm,
        prepare=opening.prepare,
        offer=_("Ask a caller for a code"),
        by_roles=frozenset({Role.SUPPORT, Role.SUPERVISOR}),
        whose=opening.whose,
        why=opening.why,
    ),
    items=(
        BoundItem(spec.TYPE_CODE, proving.TypeCodeForm, proving.typed),
        BoundItem(spec.GIVE_CODE, giving.GiveCodeForm, giving.answered),
        BoundItem(spec.WRAP_UP, wrapping_up.WrapUpForm, wrapping_up.wrapped_up),
        BoundItem(spec.WRAP_UP_LATE, wrapping_up.WrapUpForm, wrapping_up.wrapped_up),
        BoundItem(spec.LOOK_INTO_CALLER, looking_into.LookIntoCallerForm, looking_into.looked_into),
    ),
    effects=(BoundEffect(spec.END_CALL, effects.end_call),),
    headline=words.headline,
    summary=words.summary,
    sentences=SENTENCES,
    words=WORDS,
    evidence={spec.THE_CALL.name: words.the_call},
    on_close=wrapping_up.end,
    why_not_stop=words.why_not_stop,
    rights=rights.ROWS,
    pages=Pages(
        desk="backoffice.calls.desk.urls",
        portal="backoffice.calls.portal.urls",
        desk_link=DeskLink(page="console", label=_("Calls"), key="p", right=rights.TAKE_CALLS),
        desk_work=next_calls.work,
        desk_news=next_calls.news,
        desk_panel=console.panel,
        portal_panel=page.panel,
        item_done={spec.GIVE_CODE.name: "portal:phone_authorisation:code"},
    ),
)
