"""The process "claim about a payment": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cases.catalogue import BoundCall, BoundEffect, BoundItem, DeskLink, Opening, Pages, Process
from backoffice.cases.menu_groups import MenuGroup
from backoffice.payments.claim_answers import sending
from backoffice.payments.claims import crediting, deciding, disputes, evidence, opening, paying_back, rights, words
from backoffice.payments.provider import taking
from backoffice.staff.models import Role
from backoffice.telephony.live import teams
from workflows.payment_claim import spec
from workflows.payment_claim.story import PaymentClaim

PROCESS = Process(
    spec=spec.PAYMENT_CLAIM,
    story=PaymentClaim,
    opening=Opening(
        form=opening.ClaimForm,
        prepare=opening.prepare,
        offer=_("Enter a claim about a payment"),
        offer_to_customer=_("Dispute a payment that I made by telephone"),
        group=MenuGroup.WRONG,
        by_roles=frozenset({Role.SUPPORT, Role.SUPERVISOR}),
        by_customers=True,
        why=opening.why,
        why_not=opening.why_not,
    ),
    items=(
        BoundItem(spec.APPROVE_CREDIT, deciding.CreditForm, deciding.decided_credit),
        BoundItem(spec.INVESTIGATE, deciding.InvestigateForm, deciding.decided),
        BoundItem(spec.DECIDE_OVERDUE, deciding.DecideForm, deciding.decided),
        BoundItem(spec.ANSWER_REVERSAL, deciding.ObjectForm, deciding.objected),
        BoundItem(spec.REVIEW, deciding.ReviewForm, deciding.reviewed),
    ),
    effects=(
        BoundEffect(spec.CREDIT, crediting.credit),
        BoundEffect(spec.TAKE_BACK, crediting.take_back),
        BoundEffect(spec.ANNOUNCE, crediting.announce_reversal),
        BoundEffect(spec.LET_KEEP, crediting.let_keep),
        BoundEffect(spec.KEEP, crediting.keep_on_balance),
        BoundEffect(spec.ALARM, crediting.alarm_overdue),
    ),
    calls=(BoundCall(spec.PAY_BACK, paying_back.pay_back),),
    headline=words.headline,
    stands=words.stands,
    summary=words.summary,
    about=words.about,
    sentences=words.SENTENCES,
    words=words.WORDS,
    shows=words.shown_in_messages,
    evidence={
        spec.CLAIM.name: evidence.claim,
        spec.PAYMENT.name: evidence.payment,
        spec.READINGS.name: evidence.readings,
        spec.CLEAN_LEGS.name: evidence.clean_legs,
        spec.EARLIER.name: evidence.earlier,
        spec.DECISION.name: evidence.decision,
        spec.MERCHANT_SAYS.name: sending.says,
    },
    on_close=opening.settle,
    never_frozen=_("The clock of a claim never stops, and its money goes to nobody but the customer."),
    why_not_stop=words.why_not_stop,
    rights=rights.ROWS,
    pages=Pages(
        desk="backoffice.payments.claims.desk",
        desk_link=DeskLink(page="board", label=_("Claims"), key="q", right=rights.LIST),
        desk_panel=words.desk_panel,
        portal_panel=words.portal_panel,
    ),
)
taking.register(spec.PAYMENT_CLAIM.name, disputes.reported)
teams.name(spec.PAYMENT_CLAIM.name, _("the payments team"))
