"""The words of an autopay update for its customer, for staff, and for messages."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cards.autopay import lines
from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case, CaseState
from backoffice.cases.sentences import Sentence, Text
from workflows.autopay_update.spec import AutopayStage

WORDS: Mapping[str, Mapping[str, Text]] = {
    "how": {"moved": _("has the new card"), "over": _("is over"), "not_mine": _("is not theirs")},
    "who": {"customer": _("the customer"), "biller": _("the biller"), "network": _("the card network")},
    "system": {"issuer": _("The issuer"), "account_updater": _("The account updater"), "post": _("Post and mail")},
    "call": {
        "take_inventory": _("list the payments of the card"),
        "move_wallets": _("look after the wallets of the card"),
        "send_batch": _("ask about the payments"),
        "write_to_billers": _("write to the billers"),
    },
    "refusal": {
        "unknown_card": _("it does not know the card"),
        "idempotency_error": _("it has had another request under the same key"),
        "refused": _("it gives no reason"),
        "http_400": _("it cannot read the file"),
        "http_401": _("it does not accept our signature"),
        "http_409": _("it has had another batch with this number"),
    },
    "alarm": {
        "answers_apart": _("The account updater answered something that fits no payment. Nothing was changed by it."),
        "file_unreadable": _("The account updater sent a file that is damaged. Nothing of it was taken."),
        "report_not_read": _(
            "Something came to the address of the account updater or of a biller and was too large to be read, or did "
            "not say how large it is. Nothing was changed. Ask them whether it was theirs."
        ),
    },
}
SENTENCES: Mapping[str, Sentence] = {
    "autopay.inventory": Sentence(
        _("%(lines)s recurring payments have the old number."), _("%(lines)s recurring payments have the old number.")
    ),
    "autopay.wallets": Sentence(
        _("Wallets: %(moved)s pay with the new card, %(suspended)s were suspended."),
        _("Wallets: %(moved)s pay with the new card, %(suspended)s were suspended. Add the new card there."),
    ),
    "autopay.sent": Sentence(
        _("The account updater was asked about %(lines)s payments."),
        _("We asked the card network to give your new number to %(lines)s companies."),
    ),
    "autopay.answered": Sentence(
        _("The account updater answered: %(moved)s moved, %(others)s not."),
        _("The card network answered: %(moved)s have your new card, %(others)s have not."),
    ),
    "autopay.settled": Sentence(
        _("%(lines)s payments wait for the customer."), _("%(lines)s payments are on your list.")
    ),
    "autopay.ticked": Sentence(
        _("One payment %(how)s, says %(who)s."), _("One payment was ticked off: it %(how)s, says %(who)s.")
    ),
    "autopay.written": Sentence(
        _("%(sent)s billers were asked to wait by letter or mail; %(refused)s could not be reached."),
        _("We asked %(sent)s companies by letter or mail to wait."),
    ),
    "autopay.summed_up": Sentence(
        _("Summed up: %(moved)s moved, %(left)s with the old number."),
        _("Summed up: %(moved)s have your new card, %(left)s still have the old number."),
    ),
}


def headline(case: Case) -> Headline:
    update = lines.update_of(case)
    title = _t("Your recurring payments on %(card)s") % {"card": update.card}
    return Headline(title, _lead(case, lines.counts(update)))


def _lead(case: Case, found: lines.Counts) -> str:
    said = lines.in_words(found)
    if case.state == CaseState.CLOSED:
        return _t("This is over: %(said)s.") % {"said": said} if said else _t("No payment was to be moved.")
    if case.state == CaseState.STOPPING:
        return _t("This is being stopped. What was moved stays moved.")
    if case.stage == AutopayStage.INVENTORY or not found.all:
        return _t("We look up which payments recur on the old number. You need not do anything.")
    if case.stage == AutopayStage.QUERIED:
        return _t("We ask the card network to give each company your new number: %(said)s.") % {"said": said}
    if found.yours or case.stage == AutopayStage.REST:
        return _t("%(said)s. Your list says what to do at each.") % {"said": said}
    return f"{said}."


def summary(case: Case) -> str:
    """For staff: how far it is."""
    found = lines.counts(lines.update_of(case))
    told = {"moved": found.moved, "all": found.all, "open": found.yours + found.silent}
    return _t("%(moved)d of %(all)d moved, %(open)d open") % told


def about(case: Case) -> str:
    return _t("The recurring payments of your card get its new number.")


def shown_in_messages(case: Case, notice: str) -> dict[str, str]:
    found = lines.counts(lines.update_of(case))
    names = ("moved", "yours", "silent", "left")
    return {name: str(getattr(found, name)) for name in names if getattr(found, name)}
