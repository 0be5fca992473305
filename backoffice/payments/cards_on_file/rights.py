"""The rows of the policy table for cards on file."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.rights import Right

KEEP_CARDS = Right(
    act="keep_cards_on_file",
    what=_("Keep a payment card on file, or forget it"),
    refusal=_("Only the customer keeps or forgets their own payment cards."),
    customers=True,
    besides=_("only their own; a card is kept after they keyed it in on the telephone and agreed"),
)
ROWS = (KEEP_CARDS,)
