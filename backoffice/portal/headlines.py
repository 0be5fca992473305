"""What a case is, in a headline and a sentence. A process that is not known here has its declared title."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.cards.models import CardReissue, Reason
from backoffice.cases import processes
from backoffice.cases.models import Case, CaseOutcome


@dataclass(frozen=True)
class Headline:
    title: str
    lead: str = ""


def headline(case: Case) -> Headline:
    """What is this? For the top of a page and for a line in a list."""
    made = _headlines.get(case.process)
    return made(case) if made else Headline(_(processes.process(case.process).customer_title))


def about(case: Case) -> str:
    """What a case is about, as a sentence for a confirmation; empty where the case's title says it all."""
    reissue = CardReissue.objects.select_related("card").filter(case=case.root_id_or_own).first()
    return _("It is about your card ending %(last_four)s.") % {"last_four": reissue.card.last_four} if reissue else ""


def _card_reissue(case: Case) -> Headline:
    reissue = CardReissue.objects.select_related("card").get(case=case)
    card = {"last_four": reissue.card.last_four}
    if case.outcome == CaseOutcome.DONE:
        return Headline(_("You have a new card for the one ending %(last_four)s") % card)
    return {
        Reason.FRAUD: lambda: Headline(
            _("We blocked your card ending %(last_four)s") % card, _suspicion(reissue.payments)
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


def _suspicion(payments: list[dict[str, str]] | None) -> str:
    if not payments:
        return _("We saw signs that somebody else used it. Nobody can pay with it now.")
    if len(payments) == 1:
        return (
            _("Somebody tried to pay %(amount)s %(currency)s at %(merchant)s, and it did not look like you.")
            % payments[0]
        )
    return ngettext(
        "Somebody tried %(count)s payment that did not look like you.",
        "Somebody tried %(count)s payments that did not look like you.",
        len(payments),
    ) % {"count": len(payments)}


def _home_visit(case: Case) -> Headline:
    return Headline(
        _("Our visit to you"),
        _(
            "One of us comes to your door, proves who he is, and looks at your identity document."
            " He takes nothing with him."
        ),
    )


_headlines: Mapping[str, Callable[[Case], Headline]] = {"card_reissue": _card_reissue, "home_visit": _home_visit}
