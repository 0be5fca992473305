"""The process "home visit": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cases.catalogue import BoundEffect, BoundItem, Pages, Process, decided
from backoffice.cases.forms import OutcomeForm
from backoffice.telephony.live import teams
from backoffice.visits import choosing, desk, effects, evidence, forms, rights, today, words
from backoffice.visits.portal import door
from backoffice.visits.sentences import SENTENCES, WORDS
from workflows.home_visit import spec
from workflows.home_visit.story import HomeVisit

PROCESS = Process(
    spec=spec.HOME_VISIT,
    story=HomeVisit,
    prepare=effects.prepare,
    items=(
        BoundItem(spec.CHOOSE_VISIT, choosing.ChooseVisitForm, choosing.visit_chosen),
        BoundItem(spec.CHOOSE_ALTERNATIVE, choosing.ChooseAlternativeForm, choosing.alternative_chosen),
        BoundItem(spec.ASSIGN_VISITOR, forms.AssignVisitorForm, forms.visitor_assigned),
        BoundItem(spec.CHECK_IN, forms.CheckInForm, forms.checked_in),
        BoundItem(spec.MEET, forms.MeetForm, forms.customer_met),
        BoundItem(spec.COMPARE_HALF, forms.CompareHalfForm, forms.half_compared),
        BoundItem(spec.ENTER_HALF, forms.EnterHalfForm, forms.half_entered),
        BoundItem(spec.ID_CHECK, forms.IdCheckForm, forms.identity_checked),
        BoundItem(spec.REVIEW, OutcomeForm, decided),
        BoundItem(spec.LOOK_INTO_ALARM, forms.LookIntoAlarmForm, forms.alarm_looked_into),
        BoundItem(spec.LOOK_INTO_MISMATCH, forms.LookIntoMismatchForm, decided),
    ),
    effects=(
        BoundEffect(spec.ASSIGN, effects.assign),
        BoundEffect(spec.MISSED, effects.missed),
        BoundEffect(spec.RAISE_ALARM, effects.alarm),
        BoundEffect(spec.FREEZE, effects.freeze),
        BoundEffect(spec.RELEASE, effects.release),
    ),
    headline=words.headline,
    sentences=SENTENCES,
    shows=effects.shown_in_messages,
    words=WORDS,
    evidence={spec.FINDINGS.name: evidence.findings, spec.VISITOR_PHONE.name: evidence.visitor_phone},
    rights=rights.ROWS,
    pages=Pages(
        desk="backoffice.visits.desk",
        portal="backoffice.visits.portal.urls",
        field="backoffice.visits.field.urls",
        desk_panel=desk.panel,
        portal_panel=door.panel,
        item_done={spec.COMPARE_HALF.name: "portal:home_visit:door"},
        appointments=today.appointments,
    ),
)
teams.name(spec.HOME_VISIT.name, _("the visits team"))
