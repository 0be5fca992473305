"""The words of an order by mail: reasons and hints, events, and what its customer reads."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases.catalogue import Headline, Text
from backoffice.cases.evidence import Lines
from backoffice.cases.models import Case, CaseOutcome, CaseState, WorkItem
from backoffice.cases.sentences import Sentence
from backoffice.mail_orders.models import Aside, Hint, Mail, MailState
from backoffice.mail_orders.ordering import mail_of_case
from backoffice.mail_orders.reasons import Reason
from workflows.mail_order.spec import MailOrderStage

REASONS: Mapping[str, Text] = {
    Reason.VOUCHED: _("The sender's domain vouches for the mail (DMARC)"),
    Reason.NOT_SIGNED: _("It has no signature of a domain (DKIM)"),
    Reason.SIGNATURE_BROKEN: _("Its signature does not fit: it was changed on the way, or the signature is made up"),
    Reason.SIGNATURE_PARTIAL: _("Its signature covers only a part of the text: anybody could have added the rest"),
    Reason.SIGNED_BY_OTHER: _("It is signed by another domain than the sender's"),
    Reason.NOT_CHECKED: _("The sender's domain could not be asked, or the check took too much, so this is not known"),
    Reason.NOT_ANALYSED: _("Our analysis failed on it, so nothing of it is checked: that alone is a reason for care"),
    Reason.SPF_FAILS: _("It came from a server that may not send for its domain (SPF)"),
    Reason.NO_POLICY: _("The sender's domain does not say how its mails are recognised"),
    Reason.DMARC_FAILS: _("The sender's domain does not vouch for the mail (DMARC), and asks for no consequence"),
    Reason.DMARC_FORBIDS: _("The sender's domain says that such a mail is not from it (DMARC)"),
    Reason.FORWARDED: _("It was forwarded: what the first server saw is told by a stranger"),
    Reason.FORWARDED_BY_TRUSTED: _("It was forwarded by a server whose word we take (ARC)"),
    Reason.CHAIN_BROKEN: _("The chain of those who forwarded it does not fit (ARC)"),
    Reason.ON_FILE: _("The sender's address is the one on file"),
    Reason.FORMER: _("The sender's address is one that the customer had before"),
    Reason.UNKNOWN_SENDER: _("No customer has the sender's address, or one that looks like it"),
    Reason.NOT_ON_FILE: _("The sender's address is not the one on file"),
    Reason.LIKE_LETTERS: _("The sender's address is made to look like the one on file, with other letters"),
    Reason.LIKE_ENDING: _("The sender's address is like the one on file, with another ending"),
    Reason.LIKE_SPELLING: _("The sender's address is a slip or two away from the one on file"),
    Reason.LIKE_NAME: _("The sender's address has the name of the one on file, at another provider"),
    Reason.MIXED_SCRIPTS: _("The sender's domain mixes letters of two scripts that look the same"),
    Reason.IN_OUR_NAME: _("The sender's address claims to be ours, and is not"),
    Reason.NAME_IS_ADDRESS: _("The sender's name shows another address than the one that it came from"),
    Reason.NAME_IS_OURS: _("The sender's name is our company's"),
    Reason.REPLY_ELSEWHERE: _("An answer would go to another address than the sender's"),
    Reason.SENT_FOR_OTHER: _("Somebody else sent it for the sender"),
    Reason.ENVELOPE_ELSEWHERE: _("The server that sent it named another domain as its sender"),
    Reason.URGENT: _("Its tone is urgent: it presses you to act without checking"),
    Reason.LINK_ELSEWHERE: _("A link in it leads elsewhere than its words say"),
    Reason.ATTACHMENT_DANGEROUS: _("A file is attached that can run or hide something"),
    Reason.ATTACHMENT_DISGUISED: _("A file is attached that pretends to be of a harmless kind"),
    Reason.DATE_WRONG: _("Its date is far from the day on which it came"),
    Reason.NO_DATE: _("It has no date that can be read"),
    Reason.AUTOMATIC: _("No person wrote it: it is an automatic answer, a bounce or from a list"),
}
"""Each is a sentence without its full stop, so that several can stand in one line of a timeline."""
HINTS: Mapping[str, Text] = {
    Hint.NONE: _("It was not analysed yet."),
    Hint.AGREES: _("It agrees with what is on file. That is a hint, not a proof."),
    Hint.SUSPICIOUS: _("It is suspicious."),
    Hint.FORGED: _("It is forged, by all that its headers say."),
}
ADVICE: Mapping[str, Text] = {
    Hint.SUSPICIOUS: _("Ask the customer before you believe it."),
    Hint.FORGED: _("Ask the customer all the same."),
}
"""What follows from a hint, as long as nothing was done about the mail."""
HISTORY: Mapping[str, Text] = {
    "analysed": _("Analysed"),
    "not_analysed": _("The analysis failed"),
    "taken": _("Taken to read"),
    "given_back": _("Given back"),
    "set_aside": _("Set aside"),
    "answered": _("The sender was told that we do nothing by mail"),
    "asked": _("The customer was asked"),
    "wiped": _("The content was deleted: its time was over"),
    MailState.CONFIRMED: _("The customer wrote it"),
    MailState.DENIED: _("The customer did not write it"),
    MailState.UNANSWERED: _("The customer did not say whether it was theirs"),
}
WORDS: Mapping[str, Mapping[str, Text]] = {
    "reasons": REASONS,
    "hint": {Hint.AGREES: _("agrees"), Hint.SUSPICIOUS: _("suspicious"), Hint.FORGED: _("forged")},
    "code": {"mail_not_theirs": _("the customer did not write the mail")},
    "why": {"mail_not_theirs": _("the customer did not write the mail")},
    "aside": {aside.value: aside.label for aside in Aside},
}
SENTENCES: Mapping[str, Sentence] = {
    "mail_order.linked": Sentence(
        _("Mail %(mail)s seems to be the customer's. Its headers say: %(hint)s."),
        _("We received a mail that seems to be from you. Nothing changes by it."),
    ),
    "mail_order.reasons": Sentence(_("What the headers say: %(reasons)s.")),
    "mail_order.others_paused": Sentence(
        _("Paused what else the customer has open, by the customer's word. Cases: %(count)s."),
        _("We paused what else you have open, so that nobody changes anything in your name meanwhile."),
    ),
}


def hint_of(mail: Mail) -> str:
    """The hint in words, with what to do as long as that is open."""
    waits = mail.state in (MailState.RECEIVED, MailState.WAITING)
    advice = ADVICE.get(mail.hint, "") if waits else ""
    return f"{HINTS[mail.hint]} {advice}".strip()


def headline(case: Case) -> Headline:
    return Headline(_t("A mail that seems to be from you"), _lead(case))


def _lead(case: Case) -> str:
    if case.state == CaseState.CLOSED:
        if case.outcome == CaseOutcome.DONE:
            return _t("You told us that you wrote it. The mail itself changed nothing.")
        return _t("This is over. The mail changed nothing.")
    if case.state == CaseState.FROZEN:
        return _t("This is paused while we look into something. The mail has changed nothing.")
    if case.stage == MailOrderStage.SUSPICION:
        return _t("You told us that you did not write it, and we look into it. Nothing was changed.")
    return _t("Somebody wrote to us, and it seems to be you. Nothing changes until you say here that it was you.")


def about(case: Case) -> str:
    return _t("It is about a mail that we received.")


def why_not_stop(case: Case, by: Actor) -> str:
    """Whoever has the customer's session must not end the search for who wrote in their name."""
    if by.kind is ActorKind.CUSTOMER and case.stage == MailOrderStage.SUSPICION:
        return _t("You told us that you did not write the mail. We look into it to its end; nothing was changed.")
    return ""


def summary(case: Case) -> str:
    """What the mail asks for, for staff."""
    from backoffice.mail_orders.saying import asks_in_words

    return asks_in_words(mail_of_case(case))


def headers(case: Case, item: WorkItem) -> Lines:
    """The hint and its reasons, a line each."""
    mail = mail_of_case(case)
    first = [(_t("The mail"), mail.reference), (_t("Hint"), hint_of(mail))]
    return [*first, *(("", f"{REASONS[code]}.") for code in mail.reasons if code in REASONS)]
