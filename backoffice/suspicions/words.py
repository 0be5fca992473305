"""The words of a strange contact for its customer, for staff, and for messages."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases.catalogue import Headline, Text
from backoffice.cases.evidence import Lines
from backoffice.cases.models import Case, CaseOutcome, CaseState, WorkItem
from backoffice.cases.sentences import Sentence
from backoffice.suspicions import pausing
from backoffice.suspicions.models import GroupState, Match, Proof
from backoffice.suspicions.telling_more import Given, first_report, given_in, match_of
from backoffice.trust.models import ContactChannel
from workflows.suspicious_contact.spec import SuspicionEnding, SuspicionStage

WORDS: Mapping[str, Mapping[str, Text]] = {
    "match": {one.value: one.label for one in Match},
    "channel": {one.value: one.label for one in ContactChannel},
    "given": {one.value: one.label for one in Given},
    "verdict": {GroupState.CONFIRMED.value: _("it is fraud"), GroupState.CLEARED.value: _("it was harmless")},
    "alarm": {
        "digits_wrong": _(
            "In a call of ours a customer heard wrong digits three times. Ask its agent at once who talked to them."
        )
    },
    "code": {"suspicion_undecided": _("nobody decided within the hour whether the contact is fraud")},
    "why": {"suspicion_undecided": _("nobody decided within the hour whether the contact is fraud")},
    "reason": {
        "looked_into": _("the reported contact was looked into"),
        "not_theirs": _("the customer says that the report was not theirs"),
    },
}
SENTENCES: Mapping[str, Sentence] = {
    "suspicious.reported": Sentence(
        _("A contact was reported: %(channel)s. The register says: %(match)s."),
        _("A contact was reported: %(channel)s. What our register says: %(match)s."),
    ),
    "suspicious.matched": Sentence(
        _("The customer told more. The register says: %(match)s."),
        _("You told us more. What our register says: %(match)s."),
    ),
    "suspicious.paused": Sentence(
        _("Paused what else the customer has open. Cases: %(count)s."),
        _("We paused what else you have open, so that nobody changes anything in your name meanwhile."),
    ),
    "suspicious.digits_wrong": Sentence(
        _("In call %(call)s the customer typed wrong digits three times, and was told to hang up."),
        _("The digits that somebody told you on the telephone were wrong three times. We told you to hang up."),
    ),
    "suspicious.told": Sentence(
        _("The customer said what they gave away: %(given)s."), _("You told us what you gave away.")
    ),
    "suspicious.decided": Sentence(
        _("Decided on the reported contacts %(group)s: %(verdict)s."),
        _("One of us looked into what was reported: %(verdict)s."),
    ),
    "suspicious.made_safe": Sentence(
        _("Made sure that the account is safe."), _("One of us made sure that all is safe.")
    ),
    "suspicious.left_paused": Sentence(
        _("Left paused what reports had paused: each case is decided on its own page."),
        _("One of us looked at what we had paused. It stays paused for now, and we decide on each case by itself."),
    ),
    "suspicious.let_go_on": Sentence(
        _("What the report had paused goes on. Cases: %(count)s."), _("What we had paused goes on.")
    ),
}


FRAUD = frozenset({SuspicionStage.CONFIRMED.value, SuspicionStage.MADE_SAFE.value})
"""In these it is decided that it is fraud, whatever the register said."""


def headline(case: Case) -> Headline:
    return Headline(_t("A strange call or message"), _lead(case))


def _lead(case: Case) -> str:
    report, match = first_report(case), match_of(case)
    if case.stage in FRAUD:
        return _t("This is not from us. It is an attempt at fraud, and it is going round.")
    if match is Match.OURS and report.contact.channel == ContactChannel.CALL:
        return _t("One of us did call you. Compare below whether it is them.")
    if case.stage == SuspicionStage.OURS or match is Match.OURS:
        return _t("This is from us. Below is what it was.")
    if case.stage == SuspicionStage.CLEARED:
        return _t("We looked into it: it was harmless.")
    if case.outcome_reason == SuspicionEnding.BY_STRANGERS.value:
        return _t("You told us that the report was not yours. What it had paused goes on.")
    if case.state == CaseState.CLOSED:
        return _t("This was stopped before it was decided.")
    if report.proof == Proof.NONE:
        return _t("Somebody reported a strange contact for you, without signing in. We paused what you have open.")
    if match is Match.NOT_OURS:
        return _t("This is not from us. Hang up, and do not answer.")
    return _t("We cannot tell yet whether this is from us. Until we can, do nothing that it asks.")


def about(case: Case) -> str:
    return _t("A report of a strange contact was made in your name. You say whether it was yours.")


def summary(case: Case) -> str:
    report = first_report(case)
    return f"{report.contact.get_channel_display()}, {report.get_match_display()}"


def why_not_stop(case: Case, by: Actor) -> str:
    """Whoever has the customer's session must not end the search for who acts in their name."""
    if by.kind is ActorKind.CUSTOMER and case.outcome == CaseOutcome.NONE:
        return _t("We look into a report to its end. Nothing of yours is changed by it.")
    return ""


def what_was_given(case: Case, item: WorkItem) -> Lines:
    """What the customer said, and what waits for it."""
    gave = given_in(case)
    said = [str(Given(code).label) for code in gave or ()] or [_t("The customer has not said yet.")]
    paused = pausing.still_paused(case.customer)
    waits = [(_t("Paused"), f"{one.reference} {one.subject}".strip()) for one in paused]
    return [*((_t("Gave away"), one) for one in said), *(waits or [(_t("Paused"), _t("Nothing any more."))])]
