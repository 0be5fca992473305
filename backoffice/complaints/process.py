"""The process "complaint": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cases.catalogue import BoundEffect, BoundItem, DeskLink, Opening, Pages, Process, decided
from backoffice.cases.forms import OutcomeForm
from backoffice.cases.menu_groups import MenuGroup
from backoffice.complaints import answering, effects, opening, panels, rights, waiting, words
from backoffice.staff.models import Role
from workflows.complaint import spec
from workflows.complaint.story import Complaint

PROCESS = Process(
    spec=spec.COMPLAINT_PROCESS,
    story=Complaint,
    opening=Opening(
        form=opening.ComplaintForm,
        prepare=opening.prepare,
        offer=_("Enter a complaint"),
        offer_to_customer=_("Complain about something"),
        group=MenuGroup.WRONG,
        by_roles=frozenset({Role.SUPPORT, Role.SUPERVISOR, Role.COMPLIANCE}),
        by_customers=True,
        why=opening.why,
    ),
    items=(
        BoundItem(spec.ANSWER, answering.AnswerForm, answering.decided),
        BoundItem(spec.ANSWER_INDEPENDENTLY, answering.AnswerForm, answering.decided),
        BoundItem(spec.ANSWER_OVERDUE, answering.DecideForm, answering.decided),
        BoundItem(spec.APPROVE_REDRESS, OutcomeForm, decided),
        BoundItem(spec.GIVE_REDRESS, answering.GivenForm, answering.given),
        BoundItem(spec.REACT, answering.ReactForm, answering.reacted),
        BoundItem(spec.REVIEW, answering.DecideForm, answering.decided),
        BoundItem(spec.REVIEW_OVERDUE, answering.DecideForm, answering.decided),
        BoundItem(spec.REACT_AGAIN, answering.ReactForm, answering.reacted),
        BoundItem(spec.REACT_NOTED, answering.NotedForm, answering.reacted),
        BoundItem(spec.REACT_AGAIN_NOTED, answering.NotedForm, answering.reacted),
        BoundItem(spec.PREPARE_FILE, answering.PreparedForm, decided),
    ),
    effects=(
        BoundEffect(spec.GATHER, effects.gather_evidence),
        BoundEffect(spec.ASSIGN, effects.assign_owner),
        BoundEffect(spec.PROMISE, effects.promise_redress),
        BoundEffect(spec.ALARM, effects.alarm_overdue),
        BoundEffect(spec.REOPEN, effects.reopen),
    ),
    headline=words.headline,
    summary=words.summary,
    about=words.about,
    sentences=words.SENTENCES,
    words=words.WORDS,
    shows=words.shown_in_messages,
    evidence={
        spec.COMPLAINT.name: words.complaint_lines,
        spec.REDRESS.name: words.redress_lines,
        spec.ANSWER_GIVEN.name: words.answer_lines,
    },
    on_close=opening.settle,
    never_frozen=_("The clock of a complaint never stops, so it is not frozen. Freeze the case that it is about."),
    why_not_stop=words.why_not_stop,
    rights=rights.ROWS,
    pages=Pages(
        portal="backoffice.complaints.portal",
        desk="backoffice.complaints.desk",
        desk_link=DeskLink(page="board", label=_("Complaints"), key="l", right=rights.LIST),
        desk_work=waiting.work,
        desk_news=waiting.news,
        desk_panel=panels.desk_panel,
        portal_panel=panels.portal_panel,
    ),
)
