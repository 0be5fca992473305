"""The words of a top-up, for its customer, for staff, and for messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor
from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case, CaseState
from backoffice.cases.sentences import Sentence, Text
from backoffice.cases.shown_to_customers import Stands
from backoffice.payments.charging import DECLINED
from backoffice.payments.ledger import balances
from backoffice.payments.ledger.models import AccountKind
from backoffice.payments.provider.ports import Decline
from backoffice.payments.top_up import codes
from backoffice.payments.top_up.models import MoneyState, TopUp
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
        _("The caller agreed to what was read out (fingerprint %(sha256)s)."),
        _("You agreed to what was read out to you."),
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
}
WORDS: Mapping[str, Mapping[str, Text]] = {
    "call": {
        "authorise_top_up": _("hold the amount on the card"),
        "release_top_up": _("release what is held on the card"),
        "capture_top_up": _("take what is held on the card"),
    },
}


def headline(case: Case) -> Headline:
    top_up = TopUp.objects.get(case=case)
    told = {"amount": top_up.sum.shown() if top_up.sum else top_up.currency}
    if top_up.money == MoneyState.CAPTURED:
        return Headline(_t("%(amount)s for your balance") % told, _t("The money is on your balance."))
    if case.state == CaseState.CLOSED:
        return Headline(_t("Nothing was added to your balance"), why_ended(case, top_up))
    if codes.waits_for_call(case):
        return Headline(_t("Add money by telephone"), _t("Have your digits shown, then call us."))
    return Headline(_t("Add money by telephone"), _t("We ask your bank. You are charged once at most."))


def why_ended(case: Case, top_up: TopUp) -> str:
    """Why nothing was added, as the customer reads it."""
    if top_up.money == MoneyState.DECLINED:
        return _t("Nothing was taken: %(why)s.") % {"why": why_declined(top_up)}
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


def about(case: Case) -> str:
    """What it is, in a sentence."""
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
    shown = {"case": case, "waits": codes.waits_for_call(case), "lines": _lines(top_up)}
    return "top_up/portal_panel.html", shown


def desk_panel(case: Case) -> tuple[str, Mapping[str, Any]]:
    """What was agreed, what became of the money, and the calls."""
    top_up = TopUp.objects.select_related("card").get(case=case)
    calls = [(one, one.get_farewell_display() or one.get_step_display()) for one in top_up.calls.all()]
    return "top_up/desk_panel.html", {"lines": _lines(top_up), "calls": calls}


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
    if top_up.captured_at:
        balance = balances.owed(kind=AccountKind.CUSTOMER, owner=top_up.case.customer, currency=top_up.currency)
        lines += [
            (_t("Added"), date_format(timezone.localtime(top_up.captured_at), "j F Y, H:i")),
            (_t("Balance as this page was made"), balance.shown()),
        ]
    return lines
