"""The words of an autopay update for its customer, for staff, and for messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cards.autopay import lines
from backoffice.cards.autopay.models import AutopayUpdate
from backoffice.cards.models import CardState
from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case, CaseState
from backoffice.cases.sentences import Sentence, Text
from workflows.autopay_update.spec import ENDED_NOTICE, AutopayStage
from workflows.call_back.facts import CALL_BACK

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
        _("Recurring payments with the old number: %(lines)s."),
        _("Recurring payments with the old number: %(lines)s."),
    ),
    "autopay.wallets": Sentence(
        _("Wallets with the new card: %(moved)s. Suspended: %(suspended)s."),
        _("Wallets with the new card: %(moved)s. Suspended, until you add the new card there: %(suspended)s."),
    ),
    "autopay.sent": Sentence(
        _("The account updater was asked. Payments in the batch: %(lines)s."),
        _("We asked the card network to give the companies your new number. Payments: %(lines)s."),
    ),
    "autopay.answered": Sentence(
        _("The account updater answered. Moved: %(moved)s; not moved: %(others)s."),
        _("The card network answered. Payments with your new card: %(moved)s; without it: %(others)s."),
    ),
    "autopay.found": Sentence(
        _("The card network named payments that we did not know: %(lines)s."),
        _("The card network named payments that we did not know: %(lines)s. They are on your list."),
    ),
    "autopay.added": Sentence(_("A payment was added by hand."), _("A payment was added to your list.")),
    "autopay.reopened": Sentence(
        _("A payment goes on after all, and is moved as before."),
        _("A payment goes on after all, and is moved as before."),
    ),
    "autopay.settled": Sentence(
        _("Payments that wait for the customer: %(lines)s."), _("Payments on your list: %(lines)s.")
    ),
    "autopay.ticked": Sentence(
        _("One payment %(how)s, says %(who)s."), _("One payment was ticked off: it %(how)s, says %(who)s.")
    ),
    "autopay.written": Sentence(
        _("Billers asked to wait by letter or mail: %(sent)s; not reached: %(refused)s."),
        _("Companies that we asked to wait, by letter or mail: %(sent)s; not reached: %(refused)s."),
    ),
    "autopay.summed_up": Sentence(
        _("Summed up. Moved: %(moved)s; with the old number: %(left)s."),
        _("Summed up. Payments with your new card: %(moved)s; with the old number: %(left)s."),
    ),
}


def headline(case: Case) -> Headline:
    update = lines.update_of(case)
    title = _t("Your recurring payments on %(card)s") % {"card": update.card}
    return Headline(title, _lead(case, lines.counts(update)))


def _lead(case: Case, found: lines.Counts) -> str:
    said = lines.in_words(found)
    if case.state == CaseState.CLOSED:
        return _t("This is over: %(said)s.") % {"said": said} if said else _without_payments(case)
    if case.state == CaseState.STOPPING:
        return _t("This is being stopped. What was moved stays moved.")
    if found.all and not said:
        return _t("Nothing is left to be moved.")
    if case.stage == AutopayStage.INVENTORY or not found.all:
        return _t("We look up which payments recur on the old number. You need not do anything.")
    if case.stage == AutopayStage.QUERIED:
        return _t("We ask the card network to give each company your new number: %(said)s.") % {"said": said}
    if found.yours or case.stage == AutopayStage.REST:
        return _t("%(said)s. Your list says what to do at each.") % {"said": said}
    return f"{said}."


def _without_payments(case: Case) -> str:
    """Why nothing was moved here: there was nothing, or another case of this card does it."""
    update = lines.update_of(case)
    same = AutopayUpdate.objects.filter(card=update.card).exclude(pk=update.pk)
    other = same.filter(lines__isnull=False).select_related("case").order_by("-case__opened_at").first()
    if other is None or update.lines.exists():
        return _t("No payment was to be moved.")
    return _t("The payments of this card are moved in case %(reference)s.") % {"reference": other.case.reference}


def summary(case: Case) -> str:
    """For staff: how far it is."""
    found = lines.counts(lines.update_of(case))
    told = {"moved": found.moved, "all": found.all, "open": found.yours + found.silent}
    return _t("%(moved)d of %(all)d moved, %(open)d open") % told


def about(case: Case) -> str:
    return _t("The recurring payments of your card get its new number.")


def shown_in_messages(case: Case, notice: str) -> dict[str, str]:
    """The counts; whether the new card itself cannot be paid with any more; whether a call is still to come; which
    card it is."""
    update = lines.update_of(case)
    found = lines.counts(update)
    if notice == ENDED_NOTICE.name:
        found = replace(found, left=found.left + found.yours + found.silent, yours=0, silent=0)
    told = {name: str(getattr(found, name)) for name in ("moved", "yours", "silent", "left") if getattr(found, name)}
    if update.card.state != CardState.ACTIVE:
        told["blocked"] = "yes"
    if not case.children.filter(process=CALL_BACK.process).exists():
        told["call"] = "yes"
    return told | {"last_four": update.card.last_four}
