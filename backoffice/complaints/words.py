"""The words of a complaint, for its customer, for staff, and for messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case, CaseOutcome, CaseState, WorkItem
from backoffice.cases.sentences import Sentence, Text
from backoffice.complaints import answering
from backoffice.complaints.models import Came, Complaint, Decision, Redress, RedressKind, Topic, Verdict
from backoffice.complaints.ombudsmen import ombudsman_of
from backoffice.money import Money
from backoffice.staff.models import Role
from backoffice.ui.times import until
from workflows.complaint.facts import Decided
from workflows.complaint.spec import FINAL_LETTER, GIVE_REDRESS, HOLDING_LETTER, ComplaintStage

Lines = Sequence[tuple[str, str]]
WORDS: Mapping[str, Mapping[str, Text]] = {
    "topic": {one.value: one.label for one in Topic},
    "reason": {one.value: one.label for one in Topic},
    "came": {one.value: one.label for one in Came},
    "role": {Role.SUPERVISOR.value: _("a supervisor"), Role.COMPLIANCE.value: _("compliance")},
    "alarm": {
        "complaint_overdue": _("The clock of a complaint ran out before it was answered."),
        "nobody_may_answer": _(
            "A complaint waits, and nobody may answer it: it names everybody who could. Give the role of compliance to"
            " somebody else."
        ),
    },
}
SENTENCES: Mapping[str, Sentence] = {
    "complaint.received": Sentence(
        _("A complaint came in (%(came)s), about: %(topic)s."), _("We have your complaint, and you have its number.")
    ),
    "complaint.kept_from": Sentence(
        _("People whom it is about are kept from it: %(people)s."),
        _("The people of ours whom we found named in it neither see your complaint nor decide about it."),
    ),
    "complaint.owned": Sentence(
        _("It has an owner: %(role)s."), _("Somebody whom it does not name looks into your complaint.")
    ),
    "complaint.evidence": Sentence(
        _("The evidence was gathered and sealed: %(digest)s."), _("We sealed the evidence. You can download it.")
    ),
    "complaint.redress_promised": Sentence(
        _("The customer was promised what stands in the answer (%(count)s)."),
        _("We promised you what our answer says."),
    ),
    "complaint.overdue": Sentence(
        _("The clock ran out before it was answered. Compliance answers it now."),
        _("We did not answer in time. That is our fault. Our compliance team answers your complaint now."),
    ),
}
_VERDICTS: Mapping[str, Text] = {
    Verdict.UPHELD: _("You are right. Our answer stands below."),
    Verdict.PARTLY: _("You are partly right. Our answer stands below."),
    Verdict.REJECTED: _("We see it differently. Our reasons stand below."),
}


def headline(case: Case) -> Headline:
    complaint = Complaint.of(case)
    title = _t("Your complaint about %(topic)s") % {"topic": Topic(complaint.topic).label}
    return Headline(title if complaint.topic != Topic.OTHER else _t("Your complaint"), _lead(case, complaint))


def _lead(case: Case, complaint: Complaint) -> str:
    if case.outcome == CaseOutcome.WITHDRAWN or case.state == CaseState.STOPPING:
        return _t("You took it back. We do not look into it any more.")
    decisions = answering.told_decisions(complaint)
    if complaint.is_late(timezone.now()):
        return _t("We are late with our answer, and that is our fault. You can go to the ombudsman now.")
    if case.stage == ComplaintStage.ESCALATED and case.state != CaseState.CLOSED:
        return _t("You go to the ombudsman: write to them yourself. We get our file ready for them.")
    if case.stage == ComplaintStage.REOPENED:
        return _t("Somebody who did not answer before looks at it again. You have an answer by %(until)s.") % {
            "until": until(complaint.answer_by, complaint.customer)
        }
    if decisions:
        return str(_VERDICTS[Verdict(decisions[-1].verdict)])
    if case.state == CaseState.CLOSED:
        return _t("It is closed.")
    return _t("You have our answer by %(until)s.") % {"until": until(complaint.answer_by, complaint.customer)}


def about(case: Case) -> str:
    complaint = Complaint.objects.filter(case=case.root_id_or_own).first()
    return _t("A complaint about %(topic)s.") % {"topic": Topic(complaint.topic).label} if complaint else ""


def summary(case: Case) -> str:
    complaint = Complaint.objects.filter(case=case).first()
    return str(complaint.get_topic_display()) if complaint else ""


def shown_in_messages(case: Case, notice: str) -> dict[str, str]:
    """`said`, sealed, goes only into letters: their readers have no page on which the reasons stand."""
    complaint = Complaint.of(case)
    body = ombudsman_of(complaint.customer)
    shown = {"ombudsman": body.name, "ombudsman_site": body.site, "ombudsman_free": "yes" if body.is_free else ""}
    if notice == HOLDING_LETTER.name:
        shown["said"] = complaint.held_because
    if notice == FINAL_LETTER.name and (decision := answering.last_decision(complaint)):
        shown["said"] = "\n\n".join([decision.reasons, *_given_in_words(decision, complaint)])
        shown["last"] = "yes" if decision.again else ""
    return shown


def _given_in_words(decision: Decision, complaint: Complaint) -> Sequence[str]:
    """What the customer gets, for a letter; nothing where it gives nothing."""
    given = list(decision.redress.order_by("pk"))
    if not given:
        return []
    by = until(given[0].due_at, complaint.customer)
    title = _t("What you get, by %(by)s:") % {"by": by} if by else _t("What you get:")
    return [title, *(redress_in_words(one) for one in given)]


def why_not_stop(case: Case, by: Actor) -> str:
    """A complaint is its customer's: nobody of us ends it, so that none is talked away. Once it is answered there is
    nothing to take back, and what was promised is given first."""
    if by.kind is not ActorKind.CUSTOMER:
        return _t("Only the customer takes a complaint back. Answer it instead.")
    complaint = Complaint.of(case)
    if answering.is_owed(complaint):
        return _t("We owe you what our answer promises. You have it first; then it closes by itself.")
    if complaint.answered_at is not None:
        return _t("It is answered, so there is nothing to take back. Tell us whether our answer is enough.")
    return ""


# --- evidence of the work items ---------------------------------------------------------------------------------------


def complaint_lines(case: Case, item: WorkItem) -> Lines:
    """What was complained of, in full, for who answers it."""
    complaint = Complaint.of(case)
    lines = [
        (_t("About"), str(complaint.get_topic_display())),
        (_t("What happened"), complaint.text),
        (_t("What the customer wants"), complaint.wish),
        (_t("Whom it names"), complaint.whom),
        (_t("Why it takes longer"), complaint.held_because),
        (_t("Why it is looked at again"), complaint.reopened_because),
    ]
    return [(label, words) for label, words in lines if words]


def answer_lines(case: Case, item: WorkItem) -> Lines:
    """What the customer has been told, each answer with what it promised: it is not promised twice."""
    told = answering.told_decisions(Complaint.of(case))
    return [line for one in told for line in ((verdict_for_staff(one), one.reasons), *_redress_of(one))]


def redress_lines(case: Case, item: WorkItem) -> Lines:
    """What is to be given; for who approves it, with the answer that it belongs to."""
    if item.kind == GIVE_REDRESS.name:
        return _redress_of(answering.decision_of(item))
    decision = answering.last_decision(Complaint.of(case))
    if decision is None:
        return []
    return [*_redress_of(decision), (verdict_for_staff(decision), decision.reasons)]


def _redress_of(decision: Decision | None) -> Lines:
    found = decision.redress.order_by("pk") if decision else []
    return [(str(one.get_kind_display()), _what_exactly(one)) for one in found]


def verdict_for_staff(decision: Decision) -> str:
    """ "Partly upheld": the customer reads it as words to themselves."""
    return _t(next(one.words for one in Decided if one.value == decision.verdict))


def _what_exactly(redress: Redress) -> str:
    money = redress_in_words(redress) if redress.kind == RedressKind.MONEY else ""
    return money or redress.words or _t("Yes.")


def redress_in_words(redress: Redress) -> str:
    """ "25.00 EUR", "an apology in writing: …"."""
    if redress.kind == RedressKind.MONEY:
        said = Money(redress.amount_minor or 0, redress.currency).shown()
    else:
        said = str(redress.get_kind_display())
    return f"{said}: {redress.words}" if redress.words else said
