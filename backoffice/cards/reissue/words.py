"""The words of a card reissue, for its customer, for staff, and for messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.actors import ActorKind
from backoffice.cards.models import CardReissue, CardState, Reason, Shipping
from backoffice.cards.reissue import blocking
from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case, CaseOutcome, CaseState
from workflows.card_reissue import spec

OF_THE_NEW_CARD = frozenset(
    {
        spec.SHIPPED_NOTICE.name,
        spec.LATE_NOTICE.name,
        spec.DELIVERED_NOTICE.name,
        spec.ACTIVATION_REMINDER.name,
        spec.ACTIVE_NOTICE.name,
        spec.DONE_NOTICE.name,
    }
)


def headline(case: Case) -> Headline:
    """What happened to which card, and what follows, as it is now."""
    reissue = CardReissue.objects.select_related("card", "new_card").get(case=case)
    if case.outcome == CaseOutcome.DONE:
        return Headline(
            _("You have a new card for the one ending %(last_four)s") % {"last_four": reissue.card.last_four}
        )
    said = [*_what_was_seen(reissue), _of_old_card(reissue, case), _of_new_card(reissue, case)]
    return Headline(_title(reissue), " ".join(sentence for sentence in said if sentence))


def _title(reissue: CardReissue) -> str:
    """What its customer told us, or what we did. Who reported it reads their own report back."""
    told_us = reissue.opened_by == ActorKind.CUSTOMER
    title = {
        Reason.FRAUD: _("You reported payments that are not yours")
        if told_us
        else _("We blocked your card ending %(last_four)s"),
        Reason.LOST: _("You lost your card ending %(last_four)s")
        if told_us
        else _("Your card ending %(last_four)s was reported lost"),
        Reason.STOLEN: _("Your card ending %(last_four)s was stolen")
        if told_us
        else _("Your card ending %(last_four)s was reported stolen"),
        Reason.DAMAGED: _("Your damaged card ending %(last_four)s"),
        Reason.EXPIRING: _("Your card ending %(last_four)s, which expires"),
    }[Reason(reissue.reason)]
    return title % {"last_four": reissue.card.last_four}


def _what_was_seen(reissue: CardReissue) -> Sequence[str]:
    """Only where nobody but the detector reported it, or staff for somebody."""
    if reissue.reason != Reason.FRAUD or reissue.opened_by == ActorKind.CUSTOMER:
        return ()
    if reissue.opened_by == ActorKind.STAFF:
        return (_("Payments with it were reported to us that are not yours."),)
    return (suspicion(reissue.payments or []),)


def _of_old_card(reissue: CardReissue, case: Case) -> str:
    """Whether it can be used now."""
    card = {"last_four": reissue.card.last_four}
    if reissue.card.state == CardState.BLOCKED and not blocking.is_blocked_there(reissue):
        if case.state == CaseState.CLOSED:
            return _("We could not make sure that your card ending %(last_four)s is blocked. Call us.") % card
        return _("We are blocking your card ending %(last_four)s now.") % card
    if reissue.card.state == CardState.BLOCKED:
        if case.state == CaseState.CLOSED:
            return _("Your card ending %(last_four)s stays blocked: nobody can pay with it.") % card
        return _("Your card ending %(last_four)s is blocked: nobody can pay with it.") % card
    if reissue.card.state == CardState.CLOSED:
        return _("Your card ending %(last_four)s is closed for good: nobody can pay with it.") % card
    if case.state == CaseState.CLOSED and reissue.reason == Reason.LOST:
        return _("Your card ending %(last_four)s works again.") % card
    return _("You can go on using the card that you have.") if reissue.card.state == CardState.ACTIVE else ""


def _of_new_card(reissue: CardReissue, case: Case) -> str:
    """What becomes of it. A case that is being looked into promises nothing."""
    if case.outcome == CaseOutcome.FAILED or case.state == CaseState.FROZEN:
        return ""
    if case.state in (CaseState.STOPPING, CaseState.CLOSED):
        return _("No new card is made.") if reissue.new_card is None else _("No new card is in use.")
    new = reissue.new_card
    if new is not None and (new.shipping, new.state) == (Shipping.DELIVERED, CardState.INACTIVE):
        return _("Your new one cannot be used before you activate it.")
    return _("We are working on a new one for you.")


def suspicion(payments: Sequence[Mapping[str, str]]) -> str:
    """What the detector saw, for a customer who has reported nothing."""
    if not payments:
        return _("We saw signs that somebody else used it, or tried to.")
    if len(payments) > 1:
        said = ngettext(
            "We saw %(count)d payment that did not look like yours.",
            "We saw %(count)d payments that did not look like yours.",
            len(payments),
        )
        return said % {"count": len(payments)}
    return _("We saw a payment that did not look like yours: %(payment)s.") % {"payment": of_payment(payments[0])}


def of_payment(payment: Mapping[str, str]) -> str:
    """ "12.50 EUR at Shop"; the part that a signal did not say, or said so that nobody could read it, is left out."""
    money = f"{payment.get('amount', '')} {payment.get('currency', '')}".strip() if payment.get("amount") else ""
    said = {"money": money, "merchant": payment.get("merchant", "")}
    if not said["merchant"]:
        return _("A payment of %(money)s") % said
    return (_("%(money)s at %(merchant)s") if money else _("A payment at %(merchant)s")) % said


def summary(case: Case) -> str:
    """For staff: what happened to the card."""
    reissue = CardReissue.objects.filter(case=case).first()
    return str(reissue.get_reason_display()) if reissue else ""


def about(case: Case) -> str:
    """Which card it is about, for a confirmation."""
    reissue = CardReissue.objects.select_related("card").filter(case=case.root_id_or_own).first()
    return _("It is about your card ending %(last_four)s.") % {"last_four": reissue.card.last_four} if reissue else ""


def shown_in_messages(case: Case, notice: str) -> dict[str, str]:
    """The last four digits of the card that the message is about, why it is reissued, who reported it, and whether the
    old card can be used now."""
    reissue = CardReissue.of(case)
    card = reissue.new_card if notice in OF_THE_NEW_CARD and reissue.new_card else reissue.card
    return {
        "last_four": card.last_four,
        "reason": reissue.reason,
        "opener": reissue.opened_by,
        "card_state": reissue.card.state,
    }
