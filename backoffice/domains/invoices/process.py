"""The process "duplicate VAT invoice": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cases.catalogue import BoundEffect, DeskLink, Opening, Pages, Process
from backoffice.cases.menu_groups import MenuGroup
from backoffice.domains.invoices import duplicating, opening, portal, rights, words
from backoffice.staff.models import Role
from backoffice.telephony.live import teams
from workflows.duplicate_invoice import spec
from workflows.duplicate_invoice.story import DuplicateInvoice

PROCESS = Process(
    spec=spec.DUPLICATE_INVOICE,
    story=DuplicateInvoice,
    opening=Opening(
        form=opening.DuplicateForm,
        prepare=opening.prepare,
        offer=_("Make a duplicate of an invoice"),
        offer_to_customer=_("Get a duplicate of an invoice"),
        group=MenuGroup.PAYING,
        on_the_phone=_("Make a duplicate of an invoice of mine"),
        needs_phone_code=True,
        by_roles=frozenset({Role.SUPPORT, Role.SUPERVISOR}),
        by_customers=True,
        why_not=duplicating.why_not_for,
    ),
    items=(),
    effects=(BoundEffect(spec.MAKE, duplicating.make),),
    headline=words.headline,
    about=words.about,
    sentences=words.SENTENCES,
    words=words.WORDS,
    on_close=duplicating.settle,
    rights=rights.ROWS,
    pages=Pages(
        desk="backoffice.domains.invoices.desk",
        api="backoffice.domains.invoices.api",
        desk_link=DeskLink(page="invoices", label=_("Payments"), key="i", right=rights.RECORD_PAYMENT),
        portal="backoffice.domains.invoices.portal",
        portal_panel=portal.panel,
    ),
)
teams.name(spec.DUPLICATE_INVOICE.name, _("the domains team"))
