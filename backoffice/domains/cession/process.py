"""The process "domain cession": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cases.catalogue import BoundCall, BoundEffect, BoundItem, Opening, Pages, Process, decided
from backoffice.cases.forms import OutcomeForm
from backoffice.cases.menu_groups import MenuGroup
from backoffice.documents.rights import SEE_COPY
from backoffice.domains.cession import (
    calls,
    checking,
    desk_panel,
    evidence,
    forms,
    opening,
    papers,
    portal_panel,
    receiving,
    signing,
    words,
)
from backoffice.staff.models import Role
from backoffice.telephony.live import teams
from workflows.domain_cession import spec
from workflows.domain_cession.story import DomainCession

PROCESS = Process(
    spec=spec.DOMAIN_CESSION,
    story=DomainCession,
    opening=Opening(
        form=opening.CessionForm,
        prepare=opening.prepare,
        offer=_("Give a domain to a new holder"),
        offer_to_customer=_("Give a domain to somebody else"),
        group=MenuGroup.DOMAINS,
        by_roles=frozenset({Role.SUPPORT, Role.SUPERVISOR}),
        by_customers=True,
        whose=opening.whose,
        why=opening.why,
        why_not=opening.why_not,
        on_the_phone=_("Begin to give a domain to somebody else"),
        needs_phone_code=True,
    ),
    items=(
        BoundItem(spec.REQUEST, forms.RequestForm, forms.requested),
        BoundItem(spec.CONFIRM_OLD, forms.ConfirmOldForm, forms.confirmed_by_holder),
        BoundItem(spec.CONFIRM_NEW, forms.ConfirmNewForm, forms.confirmed_by_new_holder),
        BoundItem(spec.UPLOAD, signing.UploadForm, signing.uploaded),
        BoundItem(spec.RECEIVE_FORM, receiving.ReceiveForm, receiving.received),
        BoundItem(spec.CHECK_FORM, checking.CheckForm, checking.checked, hidden_while=checking.BOTH),
        BoundItem(spec.CHECK_AGAIN, checking.CheckForm, checking.checked, hidden_while=checking.BOTH),
        BoundItem(spec.CALL_BACK, checking.CallBackForm, decided),
        BoundItem(spec.APPROVE, OutcomeForm, decided),
    ),
    effects=(
        BoundEffect(spec.LOCK_EDITS, calls.lock_edits),
        BoundEffect(spec.UNLOCK_EDITS, calls.unlock_edits),
        BoundEffect(spec.MAKE_FORM, papers.make_form),
        BoundEffect(spec.WEIGH, calls.weigh),
    ),
    calls=(
        BoundCall(spec.LOCK_AT_REGISTRY, calls.lock_domain),
        BoundCall(spec.UNLOCK_AT_REGISTRY, calls.unlock_domain),
        BoundCall(spec.MAKE_CONTACT, calls.make_contact),
        BoundCall(spec.CHANGE_HOLDER, calls.change_holder),
        BoundCall(spec.RELEASE_TRANSFERS, calls.release_transfers),
    ),
    headline=words.headline,
    summary=words.summary,
    about=words.about,
    sentences=words.SENTENCES,
    words=words.WORDS,
    shows=words.shown_in_messages,
    evidence={
        spec.PARTIES.name: evidence.parties,
        spec.PROOFS.name: evidence.proofs,
        spec.FORM.name: evidence.form,
        spec.OLD_PHONE.name: evidence.old_phone,
    },
    on_close=calls.settle,
    rights=(SEE_COPY,),
    party_headline=portal_panel.party_headline,
    pages=Pages(desk_panel=desk_panel.panel, portal_panel=portal_panel.panel, party_panel=portal_panel.party_panel),
)
teams.name(spec.DOMAIN_CESSION.name, _("the domains team"))
