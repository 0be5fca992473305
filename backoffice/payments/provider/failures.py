"""The errors of the `stripe` library as the port has them, without the provider's text, which may quote what was sent.
https://docs.stripe.com/api/errors, https://docs.stripe.com/declines/codes.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import TypeVar

import stripe

from backoffice.payments.provider.ports import Decline, NoAnswer, NotSent, ProviderFailed, ProviderRefused, Refusal
from backoffice.stripe_api.pooled_http import NotConnected

log = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")

_DECLINES: Mapping[str, Decline] = {
    "insufficient_funds": Decline.INSUFFICIENT_FUNDS,
    "stolen_card": Decline.STOLEN,
    "lost_card": Decline.LOST,
    "pickup_card": Decline.NOT_PERMITTED,
    "expired_card": Decline.EXPIRED,
    "invalid_expiry_month": Decline.EXPIRED,
    "invalid_expiry_year": Decline.EXPIRED,
    "incorrect_number": Decline.WRONG_NUMBER,
    "invalid_number": Decline.WRONG_NUMBER,
    "invalid_account": Decline.WRONG_NUMBER,
    "incorrect_cvc": Decline.WRONG_CODE,
    "invalid_cvc": Decline.WRONG_CODE,
    "card_velocity_exceeded": Decline.LIMIT,
    "withdrawal_count_limit_exceeded": Decline.LIMIT,
    "invalid_amount": Decline.LIMIT,
    "card_not_supported": Decline.NOT_PERMITTED,
    "currency_not_supported": Decline.NOT_PERMITTED,
    "not_permitted": Decline.NOT_PERMITTED,
    "restricted_card": Decline.NOT_PERMITTED,
    "service_not_allowed": Decline.NOT_PERMITTED,
    "transaction_not_allowed": Decline.NOT_PERMITTED,
    "fraudulent": Decline.SUSPECTED_FRAUD,
    "merchant_blacklist": Decline.SUSPECTED_FRAUD,
    "security_violation": Decline.SUSPECTED_FRAUD,
    "highest_risk_level": Decline.SUSPECTED_FRAUD,
    "authentication_required": Decline.NEEDS_CARDHOLDER,
    "authentication_not_handled": Decline.NEEDS_CARDHOLDER,
    "mobile_device_authentication_required": Decline.NEEDS_CARDHOLDER,
    "approve_with_id": Decline.NEEDS_CARDHOLDER,
    "call_issuer": Decline.NEEDS_CARDHOLDER,
    "issuer_not_available": Decline.TRY_LATER,
    "processing_error": Decline.TRY_LATER,
    "reenter_transaction": Decline.TRY_LATER,
    "try_again_later": Decline.TRY_LATER,
}
"""Every other code says no more than that the issuer does not want to."""
_REFUSALS: Mapping[str, Refusal] = {
    "amount_too_large": Refusal.AMOUNT,
    "amount_too_small": Refusal.AMOUNT,
    "charge_already_refunded": Refusal.MORE_THAN_CAPTURED,
    "charge_disputed": Refusal.DISPUTED,
    "refund_disputed_payment": Refusal.DISPUTED,
    "payment_intent_unexpected_state": Refusal.STATE,
    "charge_expired_for_capture": Refusal.STATE,
    "resource_missing": Refusal.UNKNOWN,
    "token_already_used": Refusal.CODE_NOT_USABLE,
    "insufficient_capabilities_for_transfer": Refusal.ACCOUNT_NOT_USABLE,
    "account_closed": Refusal.ACCOUNT_NOT_USABLE,
    "account_invalid": Refusal.ACCOUNT_NOT_USABLE,
    "balance_insufficient": Refusal.BALANCE,
    "insufficient_funds": Refusal.BALANCE,
}
_ABOUT: Mapping[str, Refusal] = {
    "amount": Refusal.AMOUNT,
    "line_items[0][price_data][unit_amount]": Refusal.AMOUNT,
    "amount_to_capture": Refusal.AMOUNT,
    "payment_method": Refusal.CARD_NOT_USABLE,
    "destination": Refusal.ACCOUNT_NOT_USABLE,
    "payment_method_options[card][cvc_token]": Refusal.CODE_NOT_USABLE,
}


def ask(call: Callable[[], _Answer]) -> _Answer:
    """What the call gives. Raises what the port may raise, and `stripe.CardError` for a decline. An answer that is not
    what the API has, such as a proxy's, is none; so `call` also reads it."""
    try:
        return call()
    except stripe.CardError:
        raise
    except stripe.StripeError as error:
        raise _failure(error) from None
    except (AttributeError, KeyError, TypeError, ValueError):
        raise NoAnswer("unreadable_answer") from None


def ask_without_decline(call: Callable[[], _Answer]) -> _Answer:
    """For what is not decided by a card's issuer."""
    try:
        return ask(call)
    except stripe.CardError:
        raise ProviderRefused(Refusal.OTHER) from None


def decline_of(code: str | None) -> Decline:
    """Ours, of the provider's code of a decline or of an error."""
    return _DECLINES.get(code or "", Decline.DO_NOT_HONOUR)


def _failure(error: stripe.StripeError) -> ProviderFailed:
    match error:
        case NotConnected():
            return NotSent(_word(error.user_message))
        case stripe.APIConnectionError():
            return NoAnswer(_word(error.user_message))
        case stripe.RateLimitError():
            return NotSent("busy")
        case stripe.AuthenticationError() | stripe.PermissionError() if error.http_status:
            log.error("The payment provider does not accept our key (HTTP %s).", error.http_status)
            return NotSent("key_not_accepted")
        case stripe.IdempotencyError():
            return ProviderRefused(Refusal.KEY_USED)
        case stripe.InvalidRequestError():
            return ProviderRefused(_refusal(error))
    return NoAnswer(f"http_{error.http_status or 0}")


def _refusal(error: stripe.InvalidRequestError) -> Refusal:
    known = _REFUSALS.get(str(error.code or ""))
    if known is Refusal.UNKNOWN and error.http_status != 404:
        return _ABOUT.get(str(error.param or ""), known)
    return known or _ABOUT.get(str(error.param or ""), Refusal.OTHER)


def _word(message: str | None) -> str:
    """The transport's own word; anything else is not told."""
    return message if message and re.fullmatch(r"[a-z_]{1,40}", message) else "connection"
