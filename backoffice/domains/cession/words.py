"""The words of a cession, for its parties, for staff, and for messages."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases.catalogue import Headline, Text
from backoffice.cases.models import Case, CaseOutcome, CaseState
from backoffice.cases.sentences import Sentence
from backoffice.domains.cession.models import Cession
from backoffice.domains.cession.new_holder import restored

SENTENCES: Mapping[str, Sentence] = {
    "domain.locked_at_registry": Sentence(
        _("Locked the domain at the registry."), _("We locked the domain at the registry, so that nobody moves it.")
    ),
    "domain.unlocked_at_registry": Sentence(
        _("Took our locks at the registry away."), _("We took our lock at the registry away.")
    ),
    "cession.given_back": Sentence(
        _("Gave the domain back to its holder at the registry, which had changed it all the same."),
        _("We gave the domain back to its holder at the registry."),
    ),
    "cession.weighed": Sentence(_("Weighed what asks for care: %(cautions)s.")),
    "cession.contact_made": Sentence(
        _("Entered the new holder's name at the registry; the domain is still the old one's.")
    ),
    "cession.new_holder_named": Sentence(
        _("The new holder gave their number and address."), _("The new holder gave their particulars.")
    ),
    "cession.pdf_refused": Sentence(
        _("A signed PDF was refused: %(refused)s."), _("The signed PDF was not as it must be; the page says why.")
    ),
    "cession.pdf_accepted": Sentence(
        _("The signed PDF was accepted: %(signatures)s signatures."), _("The signatures of the PDF are in order.")
    ),
    "cession.form_scanned": Sentence(_("The signed form came by letter."), _("Your signed form has arrived.")),
}
CAUTIONS: Mapping[str, Text] = {
    "none": _("nothing"),
    "address_changed": _("an address of the holder changed within thirty days"),
    "high_value": _("the domain has a high value"),
    "new_customer": _("the new holder became a customer by this case"),
    "handed_over": _("the new holder joined with a code that the holder gave them, and we wrote to no address"),
    "old_extract": _("no register extract of the last three months says who signs for a company"),
    "other_name": _("the new holder's address is that of an account with another name"),
}
WORDS: Mapping[str, Mapping[str, Text]] = {
    "cautions": CAUTIONS,
    "reason": {
        "electronic": _("the holder wants to give it away, and both confirm it in their accounts"),
        "signed_pdf": _("the holder wants to give it away, by a signed PDF"),
        "paper": _("the holder wants to give it away, on paper"),
    },
    "system": {"registry": _("The registry")},
    "call": {
        "lock_domain": _("lock the domain"),
        "unlock_domain": _("unlock the domain"),
        "make_contact": _("enter the new holder"),
        "change_holder": _("change the holder"),
        "release_transfers": _("let the domain go to other providers again"),
    },
    "refusal": {
        "epp_2201": _("it says that the domain is not ours to change"),
        "epp_2303": _("it knows no such domain"),
        "epp_2304": _("the state of the domain forbids it"),
        "epp_2305": _("something else hangs on the domain"),
        "epp_2306": _("its policy forbids it"),
        "epp_2308": _("its policy forbids it"),
        "no_address": _("nobody gave an address of the new holder"),
        "gone": _("the domain has left us"),
        "disputed": _("there is a dispute about the domain"),
        "expired": _("the domain has expired"),
        "in_debt": _("an invoice for the domain is overdue"),
        "locked": _("the registry has locked the domain"),
        "held": _("another case holds the domain"),
    },
}
_ENDED: Mapping[str, Text] = {
    CaseOutcome.WITHDRAWN: _("It was stopped. The domain stays with its holder."),
    CaseOutcome.EXPIRED: _("Not everybody answered in time. The domain stays with its holder."),
    CaseOutcome.REJECTED: _("It could not be done. The domain stays with its holder."),
    CaseOutcome.FAILED: _("The registry did not do it. The domain stays with its holder."),
}


def headline(case: Case) -> Headline:
    """Where the domain is now, for both parties."""
    cession = Cession.of(case)
    told = {"domain": str(cession.domain)}
    if cession.executed_at:
        return Headline(_t("%(domain)s has a new holder") % told)
    title = _t("%(domain)s for a new holder") % told
    if case.state == CaseState.CLOSED:
        return Headline(title, str(_ENDED.get(case.outcome, "")))
    return Headline(title, _t("The domain stays with its holder until everything below is done."))


def summary(case: Case) -> str:
    """For staff: on which route."""
    found = Cession.objects.filter(case=case).first()
    return str(found.get_route_display()) if found else ""


def about(case: Case) -> str:
    """For a confirmation: which domain, and to whom."""
    found = Cession.objects.select_related("domain").filter(case=case).first()
    if found is None:
        return ""
    told = {"domain": found.domain, "new": restored(found.new_holder).name}
    return _t("It is about giving the domain %(domain)s to %(new)s.") % told


def shown_in_messages(case: Case, notice: str) -> dict[str, str]:
    return {"domain": str(Cession.of(case).domain)}
