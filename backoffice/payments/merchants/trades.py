"""What merchants do: the closed list of trades, by the category codes of ISO 18245, and those that we do not admit.

Why a trade is not admitted is data, in the words that the company that applies is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from backoffice.cases.sentences import Text

_GONE = _("Money that was won or lost in a game cannot be got back by taking the goods back.")
_QUICK = _("What is bought there is money again in a moment, and cannot be got back when a payment was not wanted.")
_PRESSED = _("People are pressed to pay on such calls, and these are the payments that are disputed most.")
_ALLOWED_TO_FEW = _("Whether it may be sold to this person cannot be checked on the telephone.")


@dataclass(frozen=True)
class Trade:
    """`code` is the merchant category code (four digits). `refused` says why we do not admit it; empty where we do."""

    code: str
    words: Text
    refused: Text = ""


TRADES: Sequence[Trade] = (
    Trade("4121", _("taxis")),
    Trade("4722", _("travel agencies")),
    Trade("4814", _("telephone services")),
    Trade("4900", _("electricity, gas, water and waste")),
    Trade("5200", _("building materials and household goods")),
    Trade("5411", _("food shops")),
    Trade("5533", _("parts of cars")),
    Trade("5651", _("clothes")),
    Trade("5712", _("furniture")),
    Trade("5732", _("electronics")),
    Trade("5812", _("restaurants")),
    Trade("5912", _("pharmacies")),
    Trade("5941", _("sports goods")),
    Trade("5942", _("books")),
    Trade("5992", _("flowers")),
    Trade("6300", _("insurance")),
    Trade("7011", _("hotels")),
    Trade("7230", _("hairdressers")),
    Trade("7372", _("software and data services")),
    Trade("7538", _("garages")),
    Trade("7922", _("theatres and tickets")),
    Trade("7997", _("sports clubs")),
    Trade("8011", _("doctors")),
    Trade("8299", _("schools and courses")),
    Trade("8398", _("charities")),
    Trade("7995", _("betting and gambling"), _GONE),
    Trade("6051", _("crypto-currency, foreign currency and money orders"), _QUICK),
    Trade("4829", _("transfer of money"), _QUICK),
    Trade("6211", _("securities and investments"), _QUICK),
    Trade("5966", _("selling by calling people"), _PRESSED),
    Trade("5967", _("paid telephone services, also for adults"), _PRESSED),
    Trade("7273", _("dating and escort services"), _PRESSED),
    Trade("5122", _("wholesale of medicines"), _ALLOWED_TO_FEW),
    Trade("5993", _("tobacco"), _ALLOWED_TO_FEW),
)
_BY_CODE = {trade.code: trade for trade in TRADES}


def choices() -> list[tuple[str, str]]:
    """All trades, in the order of their words; also those that we do not admit: who finds their own learns why."""
    return sorted(((trade.code, capfirst(str(trade.words))) for trade in TRADES), key=lambda choice: choice[1])


def in_words(code: str) -> str:
    """The trade of a code; the code itself where the list no longer has it."""
    trade = _BY_CODE.get(code)
    return str(trade.words) if trade else code


def why_not(code: str) -> str:
    """Why no merchant of this trade is admitted; empty where one is. A trade that is no longer listed is not."""
    trade = _BY_CODE.get(code)
    if trade is None:
        return str(_("This trade is no longer in our list."))
    return str(trade.refused)
