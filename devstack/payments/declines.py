"""What the API says when a card is declined: https://docs.stripe.com/declines/codes."""

from __future__ import annotations

from devstack.payments import numbers
from devstack.stripe_api.store import Json

_OWN_CODES = {"expired_card", "incorrect_cvc", "processing_error", "authentication_required"}
"""The codes of declines that are also codes of errors."""
_SHOWN = {
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "insufficient_funds": "Your card has insufficient funds.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
}


def error(behaviour: str) -> Json:
    """The error of a card that is declined, by its behaviour or the code of a decline."""
    code = "generic_decline" if behaviour == numbers.ATTACHES else behaviour
    return {
        "error": {
            "type": "card_error",
            "code": code if code in _OWN_CODES else "card_declined",
            "decline_code": code,
            "message": _SHOWN.get(code, "Your card was declined."),
        }
    }
