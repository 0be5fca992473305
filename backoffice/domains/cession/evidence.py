"""What the people who check a cession see of it."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.cases.evidence import Lines
from backoffice.cases.models import Case, WorkItem
from backoffice.cases.parties import of_case
from backoffice.customers import contact_points
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.documents import copies
from backoffice.documents.models import Document, DocumentState
from backoffice.domains.cession import calls, papers, together
from backoffice.domains.cession.models import Cession
from backoffice.domains.cession.new_holder import is_named, restored
from backoffice.domains.cession.words import CAUTIONS
from workflows.domain_cession.spec import NEW_HOLDER, RECEIVE_FORM

OLD_ENOUGH = timedelta(days=30)
"""A number that is younger may be the thief's (processes, domain cession)."""


def parties(case: Case, item: WorkItem) -> Lines:
    """Both parties by name, number and address, and the domain in both forms; the account that gets it where its name
    is another one."""
    cession = Cession.of(case)
    new = restored(cession.new_holder)
    party = of_case(case)[NEW_HOLDER.name].customer
    account = [] if is_named(new, party) else [(_("The new holder's account"), party.name)]
    holder_numbers = ", ".join(str(number) for number in case.customer.national_ids.all())
    domain = cession.domain
    both = str(domain) if str(domain) == domain.name else f"{domain} ({domain.name})"
    return [
        (_("Domain"), both),
        (_("Holder now"), cession.old_holder_name),
        (_("The holder's numbers"), holder_numbers or "—"),
        (_("The holder's address"), ", ".join(contact_points.postal_lines(case.customer)) or "—"),
        *_acting(_("Who acts for the holder"), case.customer),
        (_("New holder"), new.name),
        *account,
        (_("The new holder's number"), f"{new.number_kind} {new.number}".strip() or "—"),
        (_("The new holder's address"), ", ".join(new.address_lines()) or "—"),
        *_acting(_("Who acts for the new holder"), party),
    ]


def _acting(label: str, customer: Customer) -> Lines:
    """By the register extract on file; nothing for a person, and for a company without one."""
    told = together.in_words(customer)
    return [(label, told)] if told else []


def proofs(case: Case, item: WorkItem) -> Lines:
    """On which route, and what asks for care."""
    cession = Cession.of(case)
    found = [str(CAUTIONS[code]) for code in calls.cautions_of(case, now=timezone.now())]
    return [
        (_("Signed"), str(cession.get_route_display())),
        (_("Asks for care"), "; ".join(found) or _("nothing")),
    ]


def form(case: Case, item: WorkItem) -> Lines:
    """What came, and in which envelope: each paper by its kind, its fingerprint, and the state of a copy of an identity
    document. The pages themselves are shown beside."""
    came = Document.objects.filter(case=case, purpose=papers.SCANNED)
    found = came.exclude(state=DocumentState.QUARANTINED).order_by("made_at")
    received = WorkItem.objects.filter(case=case, kind=RECEIVE_FORM.name).order_by("-opened_at").first()
    envelope = (received.answer or {}).get("envelope", "") if received else ""
    return [*(_paper(one) for one in found), (_("Envelope"), envelope or "—")]


def _paper(scan: Document) -> tuple[str, str]:
    told = f"{scan.label or scan.get_media_type_display()}, SHA-256 {scan.sha256[:16]}…"
    kind = capfirst(scan.get_kind_display()) if scan.kind else _("Scan")
    return kind, f"{told} {copies.says(scan)}" if scan.is_copy else told


def old_phone(case: Case, item: WorkItem) -> Lines:
    """The telephone number that was the holder's thirty days before the case was opened, unless its SIM was swapped."""
    then = case.opened_at - OLD_ENOUGH
    was_in_force = Q(superseded_at=None) | Q(superseded_at__gte=then)
    numbers = ContactPoint.objects.filter(was_in_force, customer=case.customer, kind=ContactKind.PHONE, since__lte=then)
    lines = [
        (
            _("Number in force") if one.superseded_at is None else _("Number before"),
            f"{one.value} ({_since(one)})",
        )
        for one in numbers.order_by("-since")
        if one.sim_swapped_at is None
    ]
    return lines or [(_("Number"), _("There is none that is old enough. Do not call a newer one."))]


def _since(point: ContactPoint) -> str:
    return _("since %(day)s") % {"day": date_format(timezone.localtime(point.since), "j F Y")}
