"""The process "admission of a merchant": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cases import confirming
from backoffice.cases.catalogue import BoundEffect, BoundItem, Opening, Pages, Process
from backoffice.cases.menu_groups import MenuGroup
from backoffice.payments.agents import adding, tokens
from backoffice.payments.agents import rights as agent_rights
from backoffice.payments.merchants import (
    admitting,
    checking,
    deciding,
    desk,
    evidence,
    opening,
    papers,
    rights,
    suspending,
    words,
)
from backoffice.staff.models import Role
from backoffice.telephony.live import teams
from workflows.merchant_admission import spec
from workflows.merchant_admission.story import MerchantAdmission

PROCESS = Process(
    spec=spec.MERCHANT_ADMISSION,
    story=MerchantAdmission,
    opening=Opening(
        form=opening.ApplyForm,
        prepare=opening.prepare,
        offer=_("Apply as a merchant"),
        offer_to_customer=_("Take payments from my customers by telephone"),
        group=MenuGroup.PAYING,
        by_roles=frozenset({Role.SUPPORT, Role.SUPERVISOR}),
        by_customers=True,
        why_not=opening.why_not,
    ),
    items=(
        BoundItem(spec.SEND_PAPERS, papers.SendPapersForm, papers.sent),
        BoundItem(spec.CHECK_REGISTER, checking.CheckForm, checking.checked),
        BoundItem(spec.DECIDE, deciding.DecideForm, deciding.decided),
        BoundItem(spec.REVIEW, checking.ReviewForm, checking.reviewed),
        BoundItem(spec.DECIDE_REVIEW, deciding.DecideReviewForm, deciding.decided_review),
        BoundItem(spec.LOOK_INTO_SUSPENSION, deciding.SuspensionForm, deciding.decided_suspension),
    ),
    effects=(
        BoundEffect(spec.ADMIT, admitting.admit),
        BoundEffect(spec.END, admitting.end),
        BoundEffect(spec.NOTE_REVIEW, admitting.note_review),
    ),
    headline=words.headline,
    stands=words.stands,
    summary=words.summary,
    about=words.about,
    sentences=words.SENTENCES,
    words=words.WORDS,
    shows=words.shown_in_messages,
    evidence={
        spec.APPLICATION.name: evidence.application,
        spec.REGISTER_CHECK.name: evidence.register_check,
        spec.REVIEW_FOUND.name: evidence.review_found,
        spec.MERCHANT.name: evidence.merchant,
        spec.SUSPENSION.name: evidence.suspension,
    },
    on_close=admitting.settle,
    on_freeze=suspending.on_freeze,
    rights=(*rights.ROWS, *agent_rights.ROWS),
    pages=Pages(
        desk="backoffice.payments.merchants.desk",
        portal="backoffice.payments.agents.pages",
        desk_panel=desk.panel,
        portal_panel=words.portal_panel,
    ),
)
confirming.declare(
    spec.MERCHANT_ADMISSION.name,
    adding.ADD,
    what=_("Somebody more may order payments for your company."),
    page="portal:merchant_admission:add",
)
confirming.declare(
    spec.MERCHANT_ADMISSION.name,
    tokens.MAKE,
    what=_("A machine of yours may order payments for your company."),
    page="portal:merchant_admission:add_token",
)
teams.name(spec.MERCHANT_ADMISSION.name, _("the merchants team"))
