"""What whoever calls the customer about their list must know: who has not moved, and what may be asked."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from backoffice.cards.autopay import lines
from backoffice.cases.call_sheets import CallSheet
from backoffice.cases.models import Case


def call_sheet(case: Case) -> CallSheet | None:
    """None where nothing is left to talk about. The customer need prove nothing: nothing is told that is not on the
    list in their portal, and nothing is changed on the telephone."""
    found = lines.counts(lines.update_of(case))
    waiting = found.yours + found.silent
    if not waiting:
        return None
    why = ngettext(
        "%(waiting)d recurring payment still has the old number of a card, and the list was not answered.",
        "%(waiting)d recurring payments still have the old number of a card, and the list was not answered.",
        waiting,
    )
    return CallSheet(
        why=why % {"waiting": waiting},
        may_ask=(
            _("whether they have seen the list in the portal"),
            _("whether somebody else gets the bill and can change the card there"),
            _("whether something on the list is over, or not theirs"),
        ),
        offers=(
            _("to go through the list together, while the customer looks at it in the portal"),
            _("to ask the companies to wait, where that still helps"),
        ),
        for_customer=_(
            "Some of your payments still have the old number of your card. We go through the list with you."
        ),
        team=_("the cards team"),
    )
