"""The process "autopay update": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cards.autopay import calls, desk, opening, portal, rights, sheet, ticking, words
from backoffice.cases.catalogue import BoundCall, BoundEffect, BoundItem, Opening, Pages, Process
from backoffice.cases.menu_groups import MenuGroup
from backoffice.staff.models import Role
from backoffice.telephony.live import teams
from workflows.autopay_update import spec
from workflows.autopay_update.story import AutopayUpdate

PROCESS = Process(
    spec=spec.AUTOPAY_UPDATE,
    story=AutopayUpdate,
    opening=Opening(
        form=opening.AutopayForm,
        prepare=opening.prepare,
        offer=_("Move the payments of a card to its new number"),
        offer_to_customer=_("My card has a new number: move my payments"),
        group=MenuGroup.PAYING,
        by_roles=frozenset({Role.SUPPORT, Role.SUPERVISOR}),
        by_customers=True,
        why_not=opening.why_not,
    ),
    items=(BoundItem(spec.MOVE_REST, ticking.MoveRestForm, ticking.rest_moved),),
    effects=(
        BoundEffect(spec.SETTLE, calls.settle_answers),
        BoundEffect(spec.LIFT_HOLDS, calls.lift_holds),
        BoundEffect(spec.RENEW_HOLDS, calls.renew_holds),
        BoundEffect(spec.SUM_UP, calls.sum_up),
    ),
    calls=(
        BoundCall(spec.TAKE_INVENTORY, calls.take_inventory),
        BoundCall(spec.MOVE_WALLETS, calls.move_wallets),
        BoundCall(spec.SEND_BATCH, calls.send_batch),
        BoundCall(spec.WRITE_TO_BILLERS, calls.write_to_billers),
    ),
    headline=words.headline,
    summary=words.summary,
    about=words.about,
    sentences=words.SENTENCES,
    words=words.WORDS,
    shows=words.shown_in_messages,
    on_close=opening.settle,
    call_sheet=sheet.call_sheet,
    rights=rights.ROWS,
    pages=Pages(
        api="backoffice.cards.autopay.api",
        portal="backoffice.cards.autopay.portal",
        desk_panel=desk.panel,
        portal_panel=portal.panel,
        item_done={spec.MOVE_REST.name: portal.LIST},
    ),
)
teams.name(spec.AUTOPAY_UPDATE.name, _("the cards team"))
