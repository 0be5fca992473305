"""The words of a card reissue, for its customer, for staff, and for messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.cards.models import CardReissue, Reason
from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case, CaseOutcome
from workflows.card_reissue import spec

OF_THE_NEW_CARD = frozenset(
    {
        spec.SHIPPED_NOTICE.name,
        spec.DELIVERED_NOTICE.name,
        spec.ACTIVATION_REMINDER.name,
        spec.ACTIVE_NOTICE.name,
        spec.DONE_NOTICE.name,
    }
)


def headline(case: Case) -> Headline:
    """What happened to which card, and what follows."""
    reissue = CardReissue.objects.select_related("card").get(case=case)
    card = {"last_four": reissue.card.last_four}
    if case.outcome == CaseOutcome.DONE:
        return Headline(_("You have a new card for the one ending %(last_four)s") % card)
    return {
        Reason.FRAUD: lambda: Headline(
            _("We blocked your card ending %(last_four)s") % card, suspicion(reissue.payments or [])
        ),
        Reason.LOST: lambda: Headline(
            _("You lost your card ending %(last_four)s") % card,
            _("It is blocked, so nobody can pay with it. We make you a new one."),
        ),
        Reason.STOLEN: lambda: Headline(
            _("Your card ending %(last_four)s was stolen") % card,
            _("It is blocked, so nobody can pay with it. We make you a new one."),
        ),
        Reason.DAMAGED: lambda: Headline(
            _("A new card for your damaged one ending %(last_four)s") % card,
            _("You can use the old card, as far as it works, until you activate the new one."),
        ),
        Reason.EXPIRING: lambda: Headline(
            _("A new card for the one ending %(last_four)s, which expires") % card,
            _("You can use the old card until you activate the new one."),
        ),
    }[Reason(reissue.reason)]()


def suspicion(payments: Sequence[Mapping[str, str]]) -> str:
    """What the detector saw, for a customer who has reported nothing."""
    if not payments:
        return _("We saw signs that somebody else used it. Nobody can pay with it now.")
    if len(payments) > 1:
        said = ngettext(
            "We saw %(count)d payment that did not look like yours. Nobody can pay with it now.",
            "We saw %(count)d payments that did not look like yours. Nobody can pay with it now.",
            len(payments),
        )
        return said % {"count": len(payments)}
    payment = {"payment": of_payment(payments[0])}
    return _("We saw a payment that did not look like yours: %(payment)s. Nobody can pay with it now.") % payment


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
    """The last four digits of the card that the message is about, and why it is reissued."""
    reissue = CardReissue.of(case)
    card = reissue.new_card if notice in OF_THE_NEW_CARD and reissue.new_card else reissue.card
    return {"last_four": card.last_four, "reason": reissue.reason}
