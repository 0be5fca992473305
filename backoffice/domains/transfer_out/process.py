"""The process "transfer-out": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cases.catalogue import BoundCall, BoundEffect, BoundItem, Opening, Pages, Process, decided
from backoffice.cases.menu_groups import MenuGroup
from backoffice.domains import polling
from backoffice.domains.transfer_out import (
    calls,
    codes,
    eligibility,
    forms,
    frozen,
    leaving,
    opening,
    reporting,
    rights,
    standing,
    words,
)
from backoffice.domains.transfer_out.sentences import SENTENCES, WORDS
from backoffice.staff.models import Role
from backoffice.telephony.live import teams
from workflows.domain_transfer_out import spec
from workflows.domain_transfer_out.story import DomainTransferOut

polling.listen(reporting.registry_reported)

PROCESS = Process(
    spec=spec.DOMAIN_TRANSFER_OUT,
    story=DomainTransferOut,
    opening=Opening(
        form=opening.TransferOutForm,
        prepare=opening.prepare,
        offer=_("Move a domain to another registrar"),
        offer_to_customer=_("Move my domain to another registrar"),
        group=MenuGroup.DOMAINS,
        by_roles=frozenset({Role.SUPPORT, Role.SUPERVISOR}),
        by_customers=True,
        why_not=opening.why_not,
        on_the_phone=_("Move a domain of mine to another registrar"),
        needs_phone_code=True,
    ),
    items=(
        BoundItem(spec.CONFIRM, forms.ConfirmForm, forms.confirmed),
        BoundItem(spec.RELEASE, forms.ReleaseForm, decided),
        BoundItem(spec.TAKE_CODE, forms.TakeCodeForm, codes.wanted),
        BoundItem(spec.REFUSE, forms.RefuseForm, forms.refused),
        BoundItem(spec.APPROVE, forms.ApproveForm, forms.approved),
    ),
    effects=(BoundEffect(spec.ASSESS, eligibility.assess), BoundEffect(spec.LET_GO, leaving.let_go)),
    calls=(
        BoundCall(spec.UNLOCK, calls.unlock),
        BoundCall(spec.RELOCK, calls.relock),
        BoundCall(spec.SET_CODE, calls.set_code),
        BoundCall(spec.UNSET_CODE, calls.unset_code),
        BoundCall(spec.OPEN_AGAIN, calls.open_again),
        BoundCall(spec.ASK_TRANSFER, calls.ask_transfer),
        BoundCall(spec.APPROVE_TRANSFER, calls.approve_transfer),
        BoundCall(spec.REJECT_TRANSFER, calls.reject_transfer),
    ),
    headline=words.headline,
    summary=words.summary,
    about=words.about,
    sentences=SENTENCES,
    words=WORDS,
    shows=words.shown_in_messages,
    evidence={spec.WHY_CAREFUL.name: words.why_careful},
    on_close=leaving.settle,
    on_freeze=frozen.began,
    on_unfreeze=frozen.ended,
    rights=rights.ROWS,
    pages=Pages(
        portal="backoffice.domains.transfer_out.portal",
        item_done={spec.TAKE_CODE.name: "portal:domain_transfer_out:code"},
        desk_panel=standing.desk_panel,
        portal_panel=standing.portal_panel,
    ),
)
teams.name(spec.DOMAIN_TRANSFER_OUT.name, _("the domains team"))
