"""What the voice says to somebody who tops up their balance, in the words of their language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.cases.sentences import Text
from backoffice.money import Money
from backoffice.payments.cards_on_file.models import CardOnFile
from backoffice.payments.risk.top_up_rules import ASKED_FIRST, CARD_NOT_TAKEN, NOT_BY_TELEPHONE
from backoffice.payments.top_up.codes import LENGTH
from backoffice.payments.top_up.limits import Beyond
from backoffice.payments.top_up.models import Farewell
from backoffice.voice.speech.words.amounts import amount_in_words
from backoffice.voice.speech.words.currencies import unit_name
from backoffice.voice.speech.words.language import Language
from backoffice.voice.speech.words.spelling import digits_in_words

MANY = 5
"""A number after which a unit has the form that stands for many."""
ANOTHER_CARD = "0"
_FAREWELLS: Mapping[Farewell, Text] = {
    Farewell.ADDED: gettext_lazy("Done. The money is on your balance, and a receipt is on its way to you. Goodbye."),
    Farewell.DECLINED: gettext_lazy(
        "Your bank declined the payment. Nothing was taken. The page of your case says why. Goodbye."
    ),
    Farewell.UNKNOWN: gettext_lazy(
        "Your bank has not answered yet. We ask again by ourselves, and you are charged once at most. We write to you"
        " as soon as we know. Goodbye."
    ),
    Farewell.STOPPED: gettext_lazy("We stop here. Nothing was taken. You can call us again. Goodbye."),
    Farewell.WRONG_CODE: gettext_lazy(
        "This number is not right. Sign in as always, have a new one shown, and call us again. Goodbye."
    ),
    Farewell.NOT_NOW: gettext_lazy("This is not possible now. Nothing was taken. Goodbye."),
    Farewell.CARD_NOT_TAKEN: CARD_NOT_TAKEN,
    Farewell.REFUSED: NOT_BY_TELEPHONE,
    Farewell.ASKS_FIRST: ASKED_FIRST,
}


def farewell(ended: Farewell) -> str:
    return str(_FAREWELLS[ended])


def code(*, wrong: bool) -> str:
    """Asks for the number of the portal."""
    asked = _(
        "Key in the %(digits)d digits that you see in the portal, under “Add money by telephone”. If you have not had"
        " them shown yet, sign in there first. To stop, press star."
    )
    said = asked % {"digits": LENGTH}
    return f"{_('This number is not right.')} {said}" if wrong else said


def amount(currency: str, language: Language, *, wrong: tuple[Beyond, Money] | None) -> str:
    """Asks how much, after what was wrong with the amount before."""
    said = _("How much do you want to add? Key in whole %(units)s, then press hash. To stop, press star.")
    asked = said % {"units": unit_name(currency, MANY, language)}
    return f"{_beyond(*wrong, language)} {asked}" if wrong else asked


def card(cards: Sequence[CardOnFile], language: Language) -> str:
    """Reads out the cards, each with the digit that chooses it."""
    line = _("For the card that ends in %(last_four)s, press %(digit)d.")
    lines = [
        line % {"last_four": digits_in_words(one.last_four, language), "digit": digit}
        for digit, one in enumerate(cards, 1)
    ]
    return " ".join((*lines, _("For another card, press 0. To stop, press star.")))


def consent(last_four: str, language: Language) -> str:
    """Asks whether the card that was just keyed in may be kept."""
    said = _(
        "We take only cards that are kept with us. To have the card that ends in %(last_four)s kept, for this and for"
        " later payments that you agree to, press 1. You can have it forgotten in the portal at any time. To stop,"
        " press star."
    )
    return said % {"last_four": digits_in_words(last_four, language)}


def reading(money: Money, card: CardOnFile, language: Language) -> str:
    """What is charged, to be agreed to."""
    said = _(
        "You add %(amount)s to your balance. It is charged to the card that ends in %(last_four)s. If that is right,"
        " press 1. To stop, press star."
    )
    words = amount_in_words(money.minor, money.currency, language)
    return said % {"amount": words, "last_four": digits_in_words(card.last_four, language)}


def _beyond(which: Beyond, left: Money, language: Language) -> str:
    return _BEYOND[which]() % {"left": amount_in_words(left.minor, left.currency, language)}


_BEYOND: Mapping[Beyond, Callable[[], str]] = {
    Beyond.LEAST: lambda: _("Add at least %(left)s."),
    Beyond.PER_PAYMENT: lambda: _("You can add at most %(left)s at once."),
    Beyond.PER_DAY: lambda: _("You can still add %(left)s today."),
    Beyond.PER_MONTH: lambda: _("You can still add %(left)s within thirty days."),
}
