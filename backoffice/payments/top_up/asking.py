"""What the gateway is to do for a caller in the step that they are in. The same step gives the same command, with the
same key, so that it is done once however often it is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from django.conf import settings

from backoffice.languages import offered
from backoffice.payments.top_up import codes
from backoffice.payments.top_up.limits import CAPS
from backoffice.payments.top_up.models import Step, TopUpCall
from backoffice.payments.top_up.saying import ANOTHER_CARD
from backoffice.voice.contract import Ask, Capture, Command, HangUp, Item, Role, Say

TRIES, SECONDS = 3, 60.0
"""For each item (issue of the voice payment: 60 s an item, three tries)."""
MOST_OFFERED = 5
"""Cards that are read out: nobody keeps more of them in mind."""
AGREES = "1"
_WHOLE_CARD = (Item.CARD_NUMBER, Item.EXPIRY, Item.SECURITY_CODE)


def language_of(call: TopUpCall) -> str:
    """The code of the language in which the caller is spoken to. Nobody knows theirs before the code was right."""
    return offered(call.top_up.case.customer.language) if call.top_up else settings.LANGUAGE_CODE


def command(call: TopUpCall) -> Command | None:
    """None where the caller only waits."""
    made = _COMMANDS.get(Step(call.step))
    return made(call) if made else None


def _ask(call: TopUpCall, *, least: int = 1, most: int = 1, choices: tuple[str, ...] = (), whole: bool = False) -> Ask:
    return Ask(
        key=call.key,
        conversation=call.conversation,
        text=call.says,
        language=language_of(call),
        choices=choices,
        least=least,
        most=most,
        seconds=SECONDS,
        tries=TRIES,
        whole=whole,
    )


def _amount(call: TopUpCall) -> Ask:
    """As many digits as the largest amount has."""
    assert call.top_up is not None
    return _ask(call, most=len(str(int(CAPS[call.top_up.currency].per_payment.decimal))))


def _card(call: TopUpCall) -> Ask:
    digits = (str(place) for place in range(1, len(call.offered) + 1))
    return _ask(call, choices=(*digits, ANOTHER_CARD))


def _capture(items: tuple[Item, ...], call: TopUpCall) -> Capture:
    return Capture(
        key=call.key,
        conversation=call.conversation,
        items=items,
        language=language_of(call),
        seconds=SECONDS,
        tries=TRIES,
    )


def _say(call: TopUpCall) -> Say:
    return Say(
        key=call.key, conversation=call.conversation, role=Role.CUSTOMER, text=call.says, language=language_of(call)
    )


_COMMANDS: Mapping[Step, Callable[[TopUpCall], Command]] = {
    Step.CODE: partial(_ask, least=codes.LENGTH, most=codes.LENGTH),
    Step.AMOUNT: _amount,
    Step.CARD: _card,
    Step.NEW_CARD: partial(_capture, _WHOLE_CARD),
    Step.CONSENT: partial(_ask, choices=(AGREES,), whole=True),
    Step.AGREEING: partial(_ask, choices=(AGREES,), whole=True),
    Step.SECURITY_CODE: partial(_capture, (Item.SECURITY_CODE,)),
    Step.TOLD: _say,
    Step.LEAVING: lambda call: HangUp(key=call.key, conversation=call.conversation),
}
