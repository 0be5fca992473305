"""The words of a transfer-out for its holder, for staff, and for messages."""

from __future__ import annotations

from django.utils.translation import gettext as _

from backoffice.cases.catalogue import Headline
from backoffice.cases.evidence import Lines
from backoffice.cases.models import Case, CaseState, WorkItem
from backoffice.customers import contact_points
from backoffice.domains.transfer_out.particulars import of_case
from backoffice.domains.transfer_out.standing import Stands, stands
from workflows.domain_transfer_out.spec import TransferStage


def headline(case: Case) -> Headline:
    """What becomes of which domain, as it is now."""
    out = of_case(case)
    name = {"domain": str(out.domain)}
    now = stands(out)
    if now is Stands.GONE:
        return Headline(_("%(domain)s has moved to another registrar") % name, _("We no longer look after it."))
    if case.state == CaseState.CLOSED:
        return Headline(_("%(domain)s stays with us") % name, _of_one_that_stayed(now))
    title = _("%(domain)s is to move to another registrar") % name
    return Headline(title, _lead(case, now))


def _of_one_that_stayed(now: Stands) -> str:
    if now is Stands.LOCKED:
        return _("It is locked: nobody can move it.")
    return _("It is not locked for transfers.")


def _lead(case: Case, now: Stands) -> str:
    if case.state == CaseState.STOPPING:
        return _("This is being stopped: the domain stays with us, and we lock it again.")
    if case.state == CaseState.FROZEN:
        return _("This is paused while we look into something.")
    if now is Stands.PENDING:
        return _("Another registrar has asked for it. You can refuse that. If you do nothing, the registry decides.")
    if now is Stands.OPEN and case.stage == TransferStage.AUTHINFO:
        return _(
            "It is unlocked. Whoever has its transfer code can move it, so give the code to nobody but the new one."
        )
    if case.stage == TransferStage.CONFIRMED:
        return _("Nothing happens before you confirm it.")
    return _("It stays where it is until we unlock it. Until then every address that we have of you can stop it.")


def summary(case: Case) -> str:
    """For staff: which domain."""
    return str(of_case(case).domain)


def about(case: Case) -> str:
    """Exactly what is confirmed with a code or a passkey."""
    out = of_case(case)
    name = {"domain": str(out.domain), "registrar": out.asked_by}
    if stands(out) is Stands.PENDING and out.asked_by:
        return _("Your domain %(domain)s goes to the registrar with the id %(registrar)s.") % name
    return _("Your domain %(domain)s leaves us for another registrar.") % name


def shown_in_messages(case: Case, notice: str) -> dict[str, str]:
    """Which domain, and where it is now."""
    out = of_case(case)
    return {"domain": str(out.domain), "stands": stands(out).value}


def why_careful(case: Case, item: WorkItem) -> Lines:
    """Why a second person looks at it: its value, and which of its holder's addresses are young."""
    out = of_case(case)
    found = [("", _("The domain has the mark “high value”."))] if out.domain.is_high_value else []
    changed = contact_points.changed_within(customer=case.customer, now=item.opened_at)
    words = {
        "mail": _("The mail address changed less than 30 days before."),
        "phone": _("The telephone number changed less than 30 days before."),
        "postal": _("The postal address changed less than 30 days before."),
    }
    return [*found, *(("", words[kind.value]) for kind in sorted(changed))]
