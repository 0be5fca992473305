"""The process "card reissue": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cards.reissue import call_sheet, calls, evidence, forms, opening, rights, survey, told_secrets, words
from backoffice.cards.reissue.sentences import SENTENCES, WORDS
from backoffice.cases.catalogue import BoundCall, BoundEffect, BoundItem, Opening, Pages, Process, decided
from backoffice.cases.forms import OutcomeForm
from backoffice.cases.menu_groups import MenuGroup
from backoffice.staff.models import Role
from backoffice.telephony.live import teams
from workflows.card_reissue import spec
from workflows.card_reissue.story import CardReissue

PROCESS = Process(
    spec=spec.CARD_REISSUE,
    story=CardReissue,
    opening=Opening(
        form=opening.ReissueForm,
        prepare=opening.prepare,
        offer=_("Replace a card"),
        offer_to_customer=_("Something is wrong with my card"),
        group=MenuGroup.WRONG,
        on_the_phone=_("Report that something is wrong with my card"),
        by_roles=frozenset({Role.SUPPORT, Role.SUPERVISOR, Role.APPROVER}),
        by_customers=True,
        by_machines=True,
        whose=opening.whose,
        why=opening.why,
        why_not=opening.why_not,
    ),
    items=(
        BoundItem(spec.PROVE, forms.ProveForm, forms.identity_proven),
        BoundItem(spec.SURVEY, survey.SurveyForm, survey.survey_answered),
        BoundItem(spec.CALL, OutcomeForm, decided),
        BoundItem(spec.CALL_ABOUT_SECRET, forms.CallAboutSecretForm, forms.called_about_secret),
        BoundItem(spec.CORRECT_ADDRESS, forms.CorrectAddressForm, decided),
        BoundItem(spec.IDENTIFY_AT_BRANCH, forms.IdentifyForm, decided),
        BoundItem(spec.IDENTIFY_REMOTELY, forms.IdentifyForm, decided),
        BoundItem(spec.POSTED_CODE, forms.PostedCodeForm, forms.posted_code_entered),
        BoundItem(spec.APPROVE, forms.ApproveForm, decided),
        BoundItem(spec.ACTIVATE_EARLY, forms.ActivateForm, forms.card_activated_early),
        BoundItem(spec.LETTER_CAME, forms.LetterCameForm, forms.letter_came),
        BoundItem(spec.COLLECT, OutcomeForm, decided),
        BoundItem(spec.ACTIVATE, forms.ActivateForm, forms.card_activated),
    ),
    effects=(
        BoundEffect(spec.ASSESS_RISK, calls.assess_risk),
        BoundEffect(spec.PAUSE, told_secrets.pause),
        BoundEffect(spec.POST_CODE, calls.post_code),
    ),
    calls=(
        BoundCall(spec.BLOCK_CARD, calls.block_card),
        BoundCall(spec.UNBLOCK_CARD, calls.unblock_card),
        BoundCall(spec.ORDER_CARD, calls.order_card, begins_first=True),
        BoundCall(spec.RESHIP_CARD, calls.reship_card, begins_first=True),
        BoundCall(spec.SEND_TO_BRANCH, calls.send_to_branch, begins_first=True),
        BoundCall(spec.CANCEL_NEW_CARD, calls.cancel_new_card),
        BoundCall(spec.ACTIVATE_CARD, calls.activate_card),
        BoundCall(spec.CLOSE_CARD, calls.close_card),
    ),
    headline=words.headline,
    summary=words.summary,
    about=words.about,
    sentences=SENTENCES,
    words=WORDS,
    shows=words.shown_in_messages,
    evidence={
        spec.RISK.name: evidence.risk,
        spec.SURVEY_ANSWERS.name: evidence.survey,
        spec.SECRET_CALL.name: told_secrets.evidence,
    },
    on_close=opening.settle,
    call_sheet=call_sheet.call_sheet,
    rights=rights.ROWS,
    pages=Pages(
        portal="backoffice.cards.reissue.portal",
        api="backoffice.cards.reissue.api",
        desk="backoffice.cards.reissue.desk",
        desk_panel=evidence.panel,
        portal_panel=told_secrets.panel,
    ),
)
teams.name(spec.CARD_REISSUE.name, _("the cards team"))
