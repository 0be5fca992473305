"""The words of a contact change, for its customer, for staff, and for messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases import catalogue, words
from backoffice.cases.catalogue import Headline
from backoffice.cases.evidence import Lines
from backoffice.cases.models import Case, CaseOutcome, CaseState, WorkItem
from backoffice.cases.sentences import Sentence, Text
from backoffice.contact_changes.models import ContactChange
from backoffice.customers.models import ContactKind
from workflows.contact_change.spec import ChangeStage

WORDS: Mapping[str, Mapping[str, Text]] = {
    "what": {kind.value: kind.label for kind in ContactKind},
    "reason": {kind.value: kind.label for kind in ContactKind},
    "risk": {"low": _("low"), "high": _("high")},
    "alarm": {
        "number_signal_not_read": _(
            "A telephone company, or somebody else, sent a signal about a number that is too large to be read. Ask the "
            "telephone companies whether a SIM was swapped or a number ported."
        )
    },
    "why": {
        "mail": _("the mail address is less than 30 days old"),
        "phone": _("the telephone number is less than 30 days old, or its SIM was swapped"),
        "postal": _("the postal address is less than 30 days old"),
        "sim_swapped": _("the SIM of this number was swapped, so a code sent to it shows little"),
        "at_branch": _("no code proved the new address: the customer has no sign-in"),
        "by_staff": _("one of us opened it, not the customer"),
        "known_elsewhere": _("the new address is another customer's too"),
        "paused_case": _("another case of the customer is paused"),
        "signalled": _("an outside system reported something about the customer"),
        "reported": _("a contact in our name was reported to us"),
        "": _("nothing speaks against it"),
    },
}
SENTENCES: Mapping[str, Sentence] = {
    "contact_change.code_sent": Sentence(
        _("A code was sent to the new address (%(what)s)."), _("We sent a code to the new address.")
    ),
    "contact_change.proven": Sentence(
        _("The code from the new address was entered (%(what)s)."), _("You showed that the new address is yours.")
    ),
    "contact_change.risk": Sentence(_("Risk: %(risk)s (%(why)s).")),
    "contact_change.overtaken": Sentence(
        _("Not changed: the old address was replaced in another way meanwhile (%(what)s)."),
        _("Nothing was changed here: the old address was replaced in another way meanwhile."),
    ),
    "contact_change.refused": Sentence(
        _("Not changed: it costs extra to ring the new number, so we ring none of that kind (%(what)s)."),
        _("Nothing was changed: it costs extra to ring the new number, so we do not. Give us one of another kind."),
    ),
    "contact_change.applied": Sentence(_("The new address is in force (%(what)s)."), _("The new address is in force.")),
}
_TITLES: Mapping[str, Text] = {
    ContactKind.MAIL: _("A new e-mail address"),
    ContactKind.PHONE: _("A new telephone number"),
    ContactKind.POSTAL: _("A new postal address"),
}
_TITLES_OF_SAME: Mapping[str, Text] = {
    ContactKind.MAIL: _("Showing that your e-mail address is yours"),
    ContactKind.PHONE: _("Showing that your telephone number is yours"),
    ContactKind.POSTAL: _("Showing that your postal address is yours"),
}
_DONE_OF_SAME: Mapping[str, Text] = {
    ContactKind.MAIL: _("Your e-mail address is shown to be yours"),
    ContactKind.PHONE: _("Your telephone number is shown to be yours"),
    ContactKind.POSTAL: _("Your postal address is shown to be yours"),
}
_DONE: Mapping[str, Text] = {
    ContactKind.MAIL: _("Your e-mail address was changed"),
    ContactKind.PHONE: _("Your telephone number was changed"),
    ContactKind.POSTAL: _("Your postal address was changed"),
}


def headline(case: Case) -> Headline:
    change = ContactChange.of(case)
    if case.outcome == CaseOutcome.DONE:
        return Headline(str((_DONE_OF_SAME if change.is_same else _DONE)[change.kind]), _lead_of_done(change))
    if change.is_same:
        return Headline(str(_TITLES_OF_SAME[change.kind]), _lead_of_same(case, change))
    return Headline(str(_TITLES[change.kind]), _lead(case, change))


def _lead_of_done(change: ContactChange) -> str:
    said = _t("%(new)s is in force.") % {"new": change.masked}
    if change.replaces is None or change.is_same or change.kind == ContactKind.POSTAL:
        return said
    return f"{said} " + _t("For 30 days we also write to %(old)s when something important changes.") % {
        "old": change.replaced
    }


def _lead(case: Case, change: ContactChange) -> str:
    if case.state == CaseState.CLOSED:
        return _t("It was not put in force.")
    if case.state == CaseState.STOPPING:
        return _t("We are stopping this change. The new address is not put in force.")
    if case.state == CaseState.FROZEN:
        return _t("The new address is not in force, and will not be while we look into something.")
    if case.past_no_return:
        return _t("%(new)s is in force.") % {"new": change.masked}
    stays = _t("%(new)s is not in force yet.") % {"new": change.masked}
    if case.stage == ChangeStage.ANNOUNCED:
        return f"{stays} " + _t("Whoever reads one of your old addresses can still stop the change.")
    return f"{stays} " + _t("You can stop the change until it is.")


def _lead_of_same(case: Case, change: ContactChange) -> str:
    """Of an address that stays in force, and that we do not rely on until the end of the case."""
    new = {"new": change.masked}
    if case.past_no_return:
        return _t("%(new)s is in force.") % new
    if case.state in (CaseState.CLOSED, CaseState.STOPPING):
        return _t("We do not rely on %(new)s.") % new
    if case.state == CaseState.FROZEN:
        return _t("We do not rely on %(new)s, and will not while we look into something.") % new
    not_yet = _t("We do not rely on %(new)s yet.") % new
    if case.stage == ChangeStage.ANNOUNCED:
        return f"{not_yet} " + _t("Whoever reads one of your old addresses can still stop this.")
    return f"{not_yet} " + _t("You can stop this until we do.")


def said_in_full(change: ContactChange) -> str:
    """What the customer confirms, with the whole new address, for their own eyes (PSD2 RTS art. 5)."""
    new = {"new": ", ".join(str(change.value).splitlines())}
    if change.is_same:
        return _t("We have %(new)s of you already, and rely on it from now on.") % new
    return {
        ContactKind.MAIL: _t("Your e-mail address with us becomes %(new)s."),
        ContactKind.PHONE: _t("Your telephone number with us becomes %(new)s."),
        ContactKind.POSTAL: _t("Your postal address with us becomes: %(new)s."),
    }[ContactKind(change.kind)] % new


def about(case: Case) -> str:
    """For the page on which the customer shows who they are for this change."""
    change = ContactChange.objects.filter(case=case.root_id_or_own).first()
    return said_in_full(change) if change else ""


def summary(case: Case) -> str:
    change = ContactChange.objects.filter(case=case).first()
    return str(change.get_kind_display()) if change else ""


def shown_in_messages(case: Case, notice: str) -> dict[str, str]:
    """`because`: why somebody must see the customer, where it is not that they have no other old channel."""
    change = ContactChange.of(case)
    because = "no_sign_in" if change.at_branch else "sim" if change.was_swapped else ""
    return {**facts_of(change), "because": because}


def facts_of(change: ContactChange) -> dict[str, str]:
    """For messages. `again`: the address stays and is to be relied on. `first`: there was none of its kind."""
    return {
        "what": change.kind,
        "again": "yes" if change.is_same else "",
        "first": "" if change.replaces_id else "yes",
    }


def why_risky(case: Case) -> str:
    """A sentence; empty when nothing speaks against the change."""
    change = ContactChange.objects.filter(case=case, risk="high").first()
    return words.of_codes(catalogue.process(case.process), "why", change.risk_why) if change else ""


def risk_evidence(case: Case, item: WorkItem) -> Lines:
    why = why_risky(case)
    return [("", why)] if why else []


def change_evidence(case: Case, item: WorkItem) -> Lines:
    return _old_and_new(case)


def _old_and_new(case: Case) -> Lines:
    """The old and the new address, masked."""
    change = ContactChange.of(case)
    old = change.replaced or _t("none until now")
    new = _t("%(new)s, the same as now") % {"new": change.masked} if change.is_same else change.masked
    return [(_t("What"), str(change.get_kind_display())), (_t("Now"), old), (_t("New"), new)]


def desk_panel(case: Case) -> tuple[str, Mapping[str, Any]] | None:
    """For the page of the case at the desk: old and new, and why it is risky."""
    return "contact_change/desk_panel.html", {"lines": _old_and_new(case), "why": why_risky(case)}
