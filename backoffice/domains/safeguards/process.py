"""The process "protection of a domain": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cases.catalogue import BoundEffect, BoundItem, Opening, Process, decided
from backoffice.cases.forms import ItemForm, OutcomeForm
from backoffice.cases.menu_groups import MenuGroup
from backoffice.domains.safeguards import applying, opening, words
from backoffice.staff.models import Role
from backoffice.telephony.live import teams
from workflows.domain_safeguard import spec
from workflows.domain_safeguard.story import DomainSafeguard


class ConfirmForm(ItemForm):
    """A form without fields: the proof itself is the answer."""

    submit = _("Yes, I want that")


PROCESS = Process(
    spec=spec.DOMAIN_SAFEGUARD,
    story=DomainSafeguard,
    opening=Opening(
        form=opening.SafeguardForm,
        prepare=opening.prepare,
        offer=_("Change the value mark of a domain"),
        offer_to_customer=_("Change how my domain is protected"),
        group=MenuGroup.DOMAINS,
        by_roles=frozenset({Role.SUPERVISOR}),
        by_customers=True,
        why_not=opening.why_not,
    ),
    items=(
        BoundItem(spec.CONFIRM, ConfirmForm, applying.confirmed),
        BoundItem(spec.APPROVE, OutcomeForm, decided),
    ),
    effects=(BoundEffect(spec.APPLY, applying.apply),),
    headline=words.headline,
    summary=words.summary,
    about=words.about,
    sentences=words.SENTENCES,
    words=words.WORDS,
    shows=words.shown_in_messages,
    evidence={spec.WHAT_IS_LOOSENED.name: words.what_is_loosened},
    on_close=applying.settle,
)
teams.name(spec.DOMAIN_SAFEGUARD.name, _("the domains team"))
