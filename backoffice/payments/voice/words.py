"""The words of a voice payment, for its customer, for staff and for messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases import turns
from backoffice.cases.call_sheets import CallSheet
from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case, CaseState
from backoffice.cases.shown_to_customers import Stands
from backoffice.payments.card_names import card_name
from backoffice.payments.charging import DECLINED
from backoffice.payments.provider.ports import Decline
from backoffice.payments.voice.models import Fulfilment, MoneyState, VoicePayment
from backoffice.payments.voice.records import payment_of
from backoffice.payments.voice.sentences import WHY
from backoffice.trust.quiet_hours import zone
from backoffice.ui.times import in_full
from workflows.voice_payment.facts import Mode
from workflows.voice_payment.spec import PaymentStage


def headline(case: Case) -> Headline:
    """What it is and what came of the money, true in every state."""
    payment = payment_of(case)
    told = {"payee": payment.merchant.trading_name, "amount": payment.sum.shown(), "what_for": payment.what_for}
    match payment.money:
        case MoneyState.CAPTURED:
            return Headline(_t("You paid %(amount)s to %(payee)s") % told, _t("For %(what_for)s.") % told)
        case MoneyState.REFUNDED:
            return Headline(_t("You get %(amount)s back from %(payee)s") % told, _t("It goes to your card.") % told)
        case MoneyState.DECLINED:
            return Headline(_t("Nothing was paid to %(payee)s") % told, why_not_paid(case))
    title = _t("%(payee)s asks for %(amount)s") % told
    if case.state == CaseState.CLOSED:
        return Headline(_t("Nothing was paid to %(payee)s") % told, why_not_paid(case))
    if case.state == CaseState.FROZEN:
        return Headline(title, _t("This is paused while we look into something. Nothing is paid meanwhile."))
    if payment.money in (MoneyState.AUTHORISING, MoneyState.AUTHORISED):
        return Headline(title, _t("For %(what_for)s. You agreed to it on the telephone.") % told)
    return Headline(title, _t("For %(what_for)s. Nothing is paid before you agree on the telephone.") % told)


def why_not_paid(case: Case) -> str:
    """As a sentence for the customer; the bank's own reason, where it gave one."""
    payment = payment_of(case)
    reason = WHY.get(case.outcome_reason) or WHY["withdrawn"]
    if payment.decline:
        reason = DECLINED[Decline(payment.decline)]
    return _t("Nothing was paid, because %(reason)s.") % {"reason": reason}


def stands(case: Case) -> Stands | None:
    """Where no work item tells it: the telephone rings, the bank is asked, or the shop delivers."""
    if case.state != CaseState.OPEN:
        return None
    payment = payment_of(case)
    if payment.fulfilment == Fulfilment.DONE and payment.fulfilment_at is not None:
        done = _t("It is paid, and the shop says that it delivered. There is nothing more to wait for.")
        return Stands(done, over_since=payment.fulfilment_at)
    if turns.has_open_item(case):
        return None
    if payment.money == MoneyState.DECLINED:
        return Stands(_t("Your bank did not approve it. You need do nothing."))
    words: Mapping[str, str] = {
        PaymentStage.ORDERED: _t("We look at the order. Then your telephone rings."),
        PaymentStage.CALLING: _t("We ring you at %(number)s. A voice reads out who gets how much for what."),
        PaymentStage.LINKED: _t(
            "A voice reads the order out to you. Press 1 to pay, 2 to hear it again, star to stop."
        ),
        PaymentStage.CAPTURING: _t("Answer by the keys of your telephone. Nobody at the shop hears them."),
        PaymentStage.ASKING_BANK: _t("We ask your bank. If the line drops now, it is paid once at most."),
        PaymentStage.AUTHORISED: _t("Your bank approved it. It is being paid."),
        PaymentStage.PAID: _t("It is paid. The shop tells us when it has delivered."),
    }
    says = words.get(case.stage)
    if not says:
        return None
    asks = case.stage in (PaymentStage.CALLING, PaymentStage.LINKED, PaymentStage.CAPTURING)
    return Stands(says % {"number": payment.point.masked}, asks=asks, until=case.waiting_until if asks else None)


def summary(case: Case) -> str:
    """For staff: how the customer is reached, and what has become of the money."""
    payment = VoicePayment.objects.filter(case_id=case.root_id_or_own).first()
    if payment is None:
        return ""
    mode = _t("in the same call") if payment.mode == Mode.SAME_CALL else _t("by call-out")
    return f"{mode}, {MoneyState(payment.money).label}"


def about(case: Case) -> str:
    """Exactly what is confirmed with a code or a passkey."""
    payment = VoicePayment.objects.select_related("merchant").filter(case_id=case.root_id_or_own).first()
    if payment is None:
        return ""
    told = {"payee": payment.merchant.trading_name, "amount": payment.sum.shown(), "what_for": payment.what_for}
    return _t("You ordered %(what_for)s from %(payee)s, for %(amount)s, and pay it by telephone.") % told


def shown_in_messages(case: Case, notice: str) -> dict[str, str]:
    """What is in no history of the engine."""
    payment = payment_of(case)
    return {
        "payee": payment.merchant.trading_name,
        "amount": payment.sum.shown(),
        "what_for": payment.what_for,
        "card": card_name(payment.brand, payment.last_four),
        "day": _day(payment),
        "why": str(_why(case)),
    }


def call_sheet(case: Case) -> CallSheet | None:
    """Only where the bank said that the card was reported."""
    payment = payment_of(case)
    if payment.decline not in (Decline.STOLEN, Decline.LOST):
        return None
    return CallSheet(
        why=_("Somebody keyed in a card that its bank knows as stolen or lost, to pay by telephone."),
        may_ask=(
            _("whether they ordered something from a shop by telephone today"),
            _("whether they have the card in their hands"),
        ),
        offers=(
            _("to stop their other payments by telephone"),
            _("to report the call as a fraud, together"),
        ),
        for_customer=_(
            "A card that was reported as stolen or lost was keyed in for a payment. We ask whether it was you."
        ),
        team=_("the payments team"),
    )


def lines(payment: VoicePayment) -> Sequence[tuple[str, str]]:
    """The order, as staff see it."""
    return [
        (_t("Merchant"), payment.merchant.trading_name),
        (_t("Amount"), payment.sum.shown()),
        (_t("What it is for"), payment.what_for),
        (_t("Card"), card_name(payment.brand, payment.last_four)),
        (_t("Card on file"), _t("yes") if payment.card_id else _t("no: all of it is keyed in")),
        (_t("Number that is rung"), payment.point.masked),
        (_t("Ordered by"), payment.agent.name),
        (_t("Merchant's own reference"), payment.merchant_reference or "—"),
    ]


def _day(payment: VoicePayment) -> str:
    return in_full(payment.captured_at or payment.ordered_at, zone(payment.point.customer.time_zone))


def _why(case: Case) -> object:
    """Before the case is closed its reason is not written yet: the message names the story's own ending as `how`."""
    payment = payment_of(case)
    if payment.decline:
        return DECLINED[Decline(payment.decline)]
    return WHY.get(case.outcome_reason, "")
