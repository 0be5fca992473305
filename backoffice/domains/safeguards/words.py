"""The words of a change of a domain's safeguards for its holder, for staff, and for messages."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases.catalogue import Headline
from backoffice.cases.evidence import Lines
from backoffice.cases.models import Case, CaseOutcome, CaseState, WorkItem
from backoffice.cases.sentences import Sentence, Text
from backoffice.domains.safeguards.applying import of_case
from workflows.domain_safeguard.facts import Safeguard
from workflows.domain_safeguard.spec import SafeguardStage

WORDS: Mapping[str, Mapping[str, Text]] = {
    "change": {
        "protect": _("extra protection given"),
        "unprotect": _("extra protection taken away"),
        "decline_lock": _("lock after a change of holder declined"),
        "keep_lock": _("lock after a change of holder wanted again"),
    },
}
SENTENCES: Mapping[str, Sentence] = {
    "domain_safeguard.changed": Sentence(
        _("How the domain is protected was changed: %(change)s."),
        _("How your domain is protected was changed: %(change)s."),
    ),
}


def headline(case: Case) -> Headline:
    asked = of_case(case)
    return Headline(_titles(Safeguard(asked.change)) % {"domain": asked.domain}, _lead(case, Safeguard(asked.change)))


def _titles(change: Safeguard) -> str:
    return {
        Safeguard.PROTECT: _t("Extra protection of %(domain)s"),
        Safeguard.UNPROTECT: _t("%(domain)s without extra protection"),
        Safeguard.DECLINE_LOCK: _t("%(domain)s without the lock after a change of holder"),
        Safeguard.KEEP_LOCK: _t("%(domain)s with the lock after a change of holder"),
    }[change]


def _lead(case: Case, change: Safeguard) -> str:
    if case.state == CaseState.CLOSED:
        if case.outcome == CaseOutcome.DONE:
            return _t("It was changed in this case. The page of the domain says how it is protected now.")
        return _t("Nothing was changed.")
    if case.state == CaseState.STOPPING:
        return _t("This is being stopped: nothing is changed.")
    if not change.loosens:
        return _t("It is in force in a moment.")
    if case.stage == SafeguardStage.ANNOUNCED:
        return _t(
            "Every address that we have of you was told, and can stop it. Nothing changes before that time is over."
        )
    return _t("Nothing changes before it is confirmed, and then not for seven days.")


def summary(case: Case) -> str:
    """For staff: which domain, and what."""
    asked = of_case(case)
    return f"{asked.domain}: {WORDS['change'].get(asked.change, asked.change)}"


def about(case: Case) -> str:
    """Exactly what is confirmed with a code or a passkey."""
    asked = of_case(case)
    name = {"domain": str(asked.domain)}
    if asked.change == Safeguard.DECLINE_LOCK:
        return _t("Whoever becomes the holder of %(domain)s can take it to another registrar at once.") % name
    return _t("Your domain %(domain)s loses its extra protection in seven days.") % name


def shown_in_messages(case: Case, notice: str) -> dict[str, str]:
    asked = of_case(case)
    return {"domain": str(asked.domain), "change": asked.change}


def what_is_loosened(case: Case, item: WorkItem) -> Lines:
    asked = of_case(case)
    return [(_t("Domain"), str(asked.domain)), (_t("What"), _t("It loses its value mark.")), (_t("Why"), asked.reason)]
