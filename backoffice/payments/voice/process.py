"""The process "payment by telephone": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cases.catalogue import BoundCall, BoundEffect, BoundItem, DeskLink, Opening, Pages, Process, decided
from backoffice.cases.forms import OutcomeForm
from backoffice.cases.menu_groups import MenuGroup
from backoffice.cases.models import Case
from backoffice.payments.payouts import paying, planning
from backoffice.payments.payouts import returning as returning
from backoffice.payments.payouts import rights as payout_rights
from backoffice.payments.voice import (
    calling,
    evidence,
    forms,
    fulfilling,
    linking,
    ordering,
    rights,
    screening,
    sentences,
    taking,
    words,
)
from backoffice.payments.voice.pages import desk, mine
from backoffice.staff.rights import LIST
from backoffice.telephony.live import teams
from workflows.voice_payment import spec
from workflows.voice_payment.story import VoicePayment


def _on_close(case: Case) -> None:
    forms.keep_until(case)
    taking.forget_token(case)


PROCESS = Process(
    spec=spec.VOICE_PAYMENT,
    story=VoicePayment,
    opening=Opening(
        form=ordering.OrderForm,
        prepare=ordering.prepare,
        offer=_("Have a customer pay by telephone"),
        group=MenuGroup.PAYING,
        by_machines=True,
    ),
    items=(
        BoundItem(spec.CONFIRM_ORDER, forms.ConfirmForm, forms.confirmed),
        BoundItem(spec.SEND_DOCUMENT, forms.SendDocumentForm, forms.document_sent),
        BoundItem(spec.CHECK_DOCUMENT, OutcomeForm, decided),
        BoundItem(spec.ASK_ABOUT_DELIVERY, OutcomeForm, decided),
    ),
    effects=(
        BoundEffect(spec.ASSESS, screening.assess),
        BoundEffect(spec.PREPARE, calling.prepare),
        BoundEffect(spec.BEGIN, taking.begin),
        BoundEffect(spec.NOTE_DELIVERY, fulfilling.note),
        BoundEffect(spec.LOOK_AT_PAYOUT, planning.look),
    ),
    calls=(
        BoundCall(spec.RING, calling.ring),
        BoundCall(spec.HANG_UP, calling.hang_up),
        BoundCall(spec.READ_OUT, calling.read_out),
        BoundCall(spec.RING_AGENT, calling.ring_agent),
        BoundCall(spec.TAKE_KEYS, calling.take_keys),
        BoundCall(spec.SAY, calling.say),
        BoundCall(spec.AUTHORISE, taking.authorise, begins_first=True),
        BoundCall(spec.ASK_BANK_AGAIN, taking.ask_again),
        BoundCall(spec.RELEASE, taking.release),
        BoundCall(spec.CAPTURE, taking.capture),
        BoundCall(spec.REFUND, taking.refund),
        BoundCall(spec.NOTE_FEE, paying.note_fee),
        BoundCall(spec.PAY_OUT, paying.pay_out),
    ),
    headline=words.headline,
    stands=words.stands,
    summary=words.summary,
    about=words.about,
    sentences=sentences.SENTENCES,
    words=sentences.WORDS,
    shows=words.shown_in_messages,
    evidence={spec.ORDER.name: evidence.order, spec.RISK.name: evidence.risk},
    on_close=_on_close,
    on_freeze=linking.on_freeze,
    call_sheet=words.call_sheet,
    rights=(*rights.ROWS, *payout_rights.ROWS),
    pages=Pages(
        desk="backoffice.payments.voice.pages.desk",
        portal="backoffice.payments.voice.pages.portal",
        api="backoffice.payments.voice.pages.api",
        desk_link=DeskLink(page="payments", label=_("Telephone payments"), key="v", right=LIST),
        desk_panel=desk.panel,
        portal_panel=mine.panel,
    ),
)
teams.name(spec.VOICE_PAYMENT.name, _("the payments team"))
