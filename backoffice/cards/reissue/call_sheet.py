"""What a call about the replacement of a card is for: the customer has not answered. Nothing of the card is told."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cases.call_sheets import CallSheet
from backoffice.cases.models import Case, ItemState, WorkItem

TEAM = _("the cards team")


def call_sheet(case: Case) -> CallSheet:
    """The customer answers in the portal, never on the telephone, so that no code is needed to say it."""
    waits = WorkItem.objects.filter(case=case, performer="customer", state=ItemState.OPEN).exists()
    why = _("The customer has not answered, and their case about a card ends if they do not.")
    return CallSheet(
        why=_("The customer has something to answer in their case about a card.") if waits else why,
        for_customer=_("Your case about a card waits for your answer."),
        may_ask=(
            _("whether they have seen our messages about the card"),
            _("whether they can sign in, and what keeps them from it"),
            _("whether they want to go on with the case"),
        ),
        offers=(
            _("to ask again in the portal, with fourteen more days"),
            _("to come to a branch with an identity document, if they cannot sign in"),
            _("to stop the case"),
        ),
        team=TEAM,
    )
