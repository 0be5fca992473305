"""The process "contact change": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cases.catalogue import BoundEffect, BoundItem, Opening, Pages, Process, decided
from backoffice.cases.menu_groups import MenuGroup
from backoffice.contact_changes import effects, forms, opening, portal, rights, words
from backoffice.staff.models import Role
from workflows.contact_change import spec
from workflows.contact_change.story import ContactChange

PROCESS = Process(
    spec=spec.CONTACT_CHANGE,
    story=ContactChange,
    opening=Opening(
        form=opening.ChangeForm,
        prepare=opening.prepare,
        offer=_("Change an address or a telephone number"),
        offer_to_customer=_("I have a new address or telephone number"),
        group=MenuGroup.DETAILS,
        by_roles=frozenset({Role.SUPPORT, Role.SUPERVISOR}),
        by_customers=True,
        on_the_phone=_("Change my address or telephone number"),
        why=opening.why,
        why_not=opening.why_not,
    ),
    items=(
        BoundItem(spec.CONFIRM, forms.ConfirmForm, forms.confirmed),
        BoundItem(spec.ENTER_CODE, forms.EnterCodeForm, forms.code_entered),
        BoundItem(spec.IDENTIFY_AT_BRANCH, forms.IdentifyForm, decided),
        BoundItem(spec.IDENTIFY_REMOTELY, forms.IdentifyForm, decided),
        BoundItem(spec.APPROVE, forms.ApproveForm, decided),
    ),
    effects=(
        BoundEffect(spec.LOOK_AT_NUMBER, effects.look_at_number),
        BoundEffect(spec.SEND_CODE, effects.send_code),
        BoundEffect(spec.ASSESS, effects.assess),
        BoundEffect(spec.APPLY, effects.apply),
    ),
    headline=words.headline,
    summary=words.summary,
    about=words.about,
    sentences=words.SENTENCES,
    words=words.WORDS,
    shows=words.shown_in_messages,
    evidence={spec.RISK.name: words.risk_evidence, spec.CHANGE.name: words.change_evidence},
    on_close=opening.settle,
    rights=rights.ROWS,
    pages=Pages(
        portal="backoffice.contact_changes.portal",
        api="backoffice.contact_changes.api",
        desk_panel=words.desk_panel,
        portal_panel=portal.panel,
    ),
)
