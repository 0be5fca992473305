"""The words of a top-up, for its customer, for staff, and for messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor
from backoffice.cases.call_sheets import CallSheet
from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case, CaseState
from backoffice.cases.sentences import Sentence, Text
from backoffice.cases.shown_to_customers import Stands
from backoffice.money import Money
from backoffice.payments.charging import DECLINED, REPORTED
from backoffice.payments.fees import noting
from backoffice.payments.ledger import balances
from backoffice.payments.ledger.models import AccountKind
from backoffice.payments.provider.events import DisputeStatus
from backoffice.payments.provider.ports import Decline
from backoffice.payments.risk import top_up_rules
from backoffice.payments.risk.rules import DENY, Rule
from backoffice.payments.risk.top_up_facts import Request, TopUpFacts
from backoffice.payments.risk.top_up_rules import RULES
from backoffice.payments.top_up import codes, disputes
from backoffice.payments.top_up.models import MoneyState, Step, TopUp, TopUpCall
from backoffice.ui.times import in_full
from workflows.top_up.spec import TopUpEnding

SENTENCES: Mapping[str, Sentence] = {
    "top_up.code_shown": Sentence(
        _("The customer had the number for their call shown."), _("You had the number for your call shown.")
    ),
    "top_up.caller_proven": Sentence(
        _("A caller keyed in the right number."), _("Somebody called with the number that we showed you.")
    ),
    "top_up.card_kept": Sentence(
        _("The caller keyed in a card, and agreed that it is kept."), _("You keyed in a card, and let us keep it.")
    ),
    "top_up.agreed": Sentence(
        _("The caller agreed to what was read out (fingerprint %(sha256).16s…)."),
        _("You agreed to what was read out to you."),
    ),
    "top_up.denied": Sentence(
        _("The risk rules did not let the caller go on: %(rule)s."),
        _("Your call could not go on by telephone. Nothing was taken."),
    ),
    "top_up.asks_first": Sentence(
        _("The risk rules have the customer confirm it first: %(rule)s."),
        _("We ask you first whether it is you who called. Nothing was taken."),
    ),
    "top_up.card_reported": Sentence(
        _("The bank does not take the card that was keyed in: %(decline)s."),
        _("The bank does not take the card that was keyed in: %(decline)s. Nothing was taken."),
    ),
    "top_up.line_dropped": Sentence(
        _("The line dropped before the caller had agreed to all. No money moved."),
        _("The line dropped before you had agreed to all. Nothing was taken."),
    ),
    "top_up.authorised": Sentence(_("The bank holds the amount."), _("Your bank holds the amount.")),
    "top_up.declined": Sentence(_("The bank declined."), _("Your bank declined. Nothing was taken.")),
    "top_up.released": Sentence(_("What was held was released."), _("Nothing was taken; your bank releases it.")),
    "top_up.captured": Sentence(
        _("The money was taken, and is on the customer's balance."), _("The money is on your balance.")
    ),
    "top_up.fee": Sentence(_("The payment provider keeps %(amount)s of it, which we bear.")),
    "top_up.disputed": Sentence(
        _("The customer's bank disputes the top-up: %(dispute)s."), _("Your bank told us how far its dispute is.")
    ),
    "top_up.taken_back": Sentence(
        _("What the provider gave back was taken off the customer's balance."),
        _("The money went back to your card, so it is not on your balance any more."),
    ),
    "top_up.restored": Sentence(
        _("What had been taken back is on the customer's balance again."), _("The money is on your balance again.")
    ),
}
WORDS: Mapping[str, Mapping[str, Text]] = {
    "rule": {code: rule.what for code, rule in top_up_rules.RULES.items()},
    "decline": {one.value: words for one, words in DECLINED.items()},
    "dispute": {
        DisputeStatus.NEEDS_ANSWER.value: _("it waits for our answer"),
        DisputeStatus.UNDER_REVIEW.value: _("it looks into it"),
        DisputeStatus.WON.value: _("it decided against its customer"),
        DisputeStatus.LOST.value: _("it gave its customer the money"),
    },
    "alarm": {
        disputes.DISPUTED: _(
            "A customer's bank disputes a top-up. What it took back is off their balance. Answer the bank at the"
            " provider, and ask the customer: perhaps somebody else called with their digits."
        ),
        noting.UNKNOWN: _(
            "The payment provider does not say what it keeps of a top-up, so our books do not have it. Look the payment"
            " up at the provider."
        ),
        disputes.GIVEN_BACK: _("The provider gave back money of a top-up, and nobody here had asked for that."),
    },
    "call": {
        "authorise_top_up": _("hold the amount on the card"),
        "release_top_up": _("release what is held on the card"),
        "capture_top_up": _("take what is held on the card"),
    },
}


def headline(case: Case) -> Headline:
    top_up = TopUp.objects.get(case=case)
    told = {"amount": top_up.sum.shown() if top_up.sum else top_up.currency}
    if top_up.taken_back:
        title = _t("%(amount)s is not on your balance any more") % {"amount": top_up.off.shown()}
        return Headline(title, _t("Your bank took it back, or it went back to your card."))
    if top_up.money == MoneyState.CAPTURED:
        return Headline(_t("%(amount)s for your balance") % told, _t("The money is on your balance."))
    if case.state == CaseState.CLOSED:
        return Headline(_t("Nothing was added to your balance"), why_ended(case, top_up))
    if top_up.decline:
        why = _t("Nothing was taken: %(why)s. We call you about it.") % {"why": why_declined(top_up)}
        return Headline(_t("Nothing is added to your balance"), why)
    if top_up.waits_for_confirmation:
        return Headline(_t("Is it you who called?"), _t("Nothing was taken. We ask you before we go on."))
    if top_up.agreed_in_id is None:
        return Headline(_t("Add money by telephone"), _t("Have your digits shown, then call us."))
    return Headline(_t("Add money by telephone"), _t("We ask your bank. You are charged once at most."))


def why_ended(case: Case, top_up: TopUp) -> str:
    """Why nothing was added, as the customer reads it."""
    if top_up.decline:
        return _t("Nothing was taken: %(why)s.") % {"why": why_declined(top_up)}
    if case.outcome_reason == TopUpEnding.NOT_CONFIRMED.value:
        return _t("You did not confirm in time that it is you. Nothing was taken.")
    if case.outcome_reason == TopUpEnding.NOT_THEIRS.value:
        return _t("You told us that it was not you. Nothing was taken.")
    if case.outcome_reason == TopUpEnding.NOT_CALLED.value:
        return _t("You did not call in time. Nothing was taken.")
    return _t("It was stopped. Nothing was taken.")


def why_declined(top_up: TopUp) -> str:
    """Exactly, for the cardholder; empty where nothing was declined."""
    return str(DECLINED[Decline(top_up.decline)]) if top_up.decline else ""


def stands(case: Case) -> Stands | None:
    """The customer's turn is to call, which is no work item."""
    if case.state != CaseState.OPEN or not codes.waits_for_call(case):
        return None
    return Stands(_t("Call us, and key in your digits."), asks=True, until=case.waiting_until)


def call_sheet(case: Case) -> CallSheet | None:
    """Where the bank said that the card was reported, and where the customer said that somebody else had called."""
    top_up = TopUp.objects.get(case=case)
    asks = (
        _("whether they have called us today to add money to their balance"),
        _("whether they have the card in their hands"),
    )
    offers = (
        _("to have their cards on file forgotten, by themselves, in the portal"),
        _("to report the call as a fraud, together"),
    )
    team = _("the payments team")
    if top_up.decline in REPORTED:
        why = _("A card that its bank knows as stolen or lost was keyed in to add money by telephone.")
        told = _("A card that was reported as stolen or lost was keyed in. We ask whether it was you.")
    elif top_up.waits_for_confirmation:
        why = _("Somebody keyed in the digits from the portal, and the customer says that it was not they.")
        told = _("You told us that somebody else had called with your digits. We ask how they can have got them.")
    else:
        return None
    return CallSheet(why=why, may_ask=asks, offers=offers, for_customer=told, team=team)


def about(case: Case) -> str:
    """What it is, in a sentence: exactly what is confirmed with a code or a passkey."""
    top_up = TopUp.objects.filter(case_id=case.root_id_or_own).first()
    if top_up is not None and top_up.to_confirm is not None:
        told = {"amount": Money(top_up.to_confirm, top_up.currency).shown()}
        return _t("You add %(amount)s to your balance by telephone.") % told
    return _t("You add money to your balance by telephone.")


def shown_in_messages(case: Case, notice: str) -> dict[str, str]:
    """What is not in the history of the engine: how much, from which card, and why the bank declined."""
    top_up = TopUp.objects.select_related("card").get(case=case)
    return {
        "amount": top_up.sum.shown() if top_up.sum else "",
        "card": str(top_up.card) if top_up.card else "",
        "why": why_declined(top_up),
    }


def portal_panel(case: Case, by: Actor) -> tuple[str, Mapping[str, Any]]:
    """The way to the digits while a call is waited for, and afterwards what was added."""
    top_up = TopUp.objects.select_related("card").get(case=case)
    shown = {
        "case": case,
        "waits": codes.waits_for_call(case),
        "confirms": case.state == CaseState.OPEN and top_up.waits_for_confirmation,
        "held_up": any(rule.result == DENY for rule in _rules(top_up)),
        "reported": top_up.decline in REPORTED,
        "why": why_declined(top_up),
        "lines": _lines(top_up),
    }
    return "top_up/portal_panel.html", shown


def desk_panel(case: Case) -> tuple[str, Mapping[str, Any]]:
    """What was agreed, what became of the money, what the risk rules said exactly, and the calls."""
    top_up = TopUp.objects.select_related("card").get(case=case)
    calls = [(one, _ended(one)) for one in top_up.calls.all()]
    shown = {"lines": _lines(top_up), "calls": calls, "rules": [top_up_rules.words(code) for code in top_up.risk]}
    return "top_up/desk_panel.html", {**shown, "declined": "" if top_up.sum else why_declined(top_up)}


def _ended(call: TopUpCall) -> str:
    """How a call ended, or where it is. Whose line drops hears no farewell."""
    if call.farewell:
        return str(call.get_farewell_display())
    return _t("the line dropped") if call.step == Step.OVER else str(call.get_step_display())


def _rules(top_up: TopUp) -> list[Rule[Request, TopUpFacts]]:
    return [RULES[code] for code in top_up.risk if code in RULES]


def _lines(top_up: TopUp) -> list[tuple[str, str]]:
    if top_up.sum is None:
        return []
    lines = [
        (_t("Amount"), top_up.sum.shown()),
        (_t("Card"), str(top_up.card)),
        (_t("State"), capfirst(top_up.get_money_display())),
    ]
    if top_up.decline:
        lines.append((_t("Declined because"), capfirst(why_declined(top_up))))
    if top_up.dispute_state:
        lines.append((_t("Dispute of the bank"), capfirst(str(WORDS["dispute"][top_up.dispute_state]))))
    if top_up.taken_back:
        lines.append((_t("Taken back"), top_up.off.shown()))
    if top_up.captured_at:
        balance = balances.owed(kind=AccountKind.CUSTOMER, owner=top_up.case.customer, currency=top_up.currency)
        lines += [
            (_t("Added"), in_full(top_up.captured_at)),
            (_t("Balance as this page was made"), balance.shown()),
        ]
    return lines
