"""Card numbers, while a request is answered: what is wrong with one, what is kept of it, and how the test numbers of
https://docs.stripe.com/testing behave."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from stdnum import luhn

from devstack.stripe_api.errors import ApiError

ATTACHES = "attaches"
"""The card can be saved; only then it is declined."""
NEEDS_PERSON = "authentication_required"
DISPUTED = "disputed"
BEHAVIOUR: Mapping[str, str] = {
    "4000000000000002": "generic_decline",
    "4000000000009995": "insufficient_funds",
    "4000000000009987": "lost_card",
    "4000000000009979": "stolen_card",
    "4000000000000069": "expired_card",
    "4000000000000127": "incorrect_cvc",
    "4000000000000119": "processing_error",
    "4000000000006975": "card_velocity_exceeded",
    "4000000000000341": ATTACHES,
    "4000002760003184": NEEDS_PERSON,
    "4000000000000259": DISPUTED,
}
_BRANDS = (
    (r"4", "visa"),
    (r"5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)", "mastercard"),
    (r"3[47]", "amex"),
    (r"6011|64[4-9]|65", "discover"),
    (r"62", "unionpay"),
    (r"35", "jcb"),
    (r"30[0-5]|36|38", "diners"),
)


def read(told: Any, *, secret: bytes, now: float) -> tuple[dict[str, Any], str]:
    """What is kept of a card, and the name of its behaviour. `told` has number, exp_month, exp_year and perhaps cvc;
    nothing of number and cvc is in an error."""
    if not isinstance(told, dict):
        raise ApiError("Missing required param: card.", code="parameter_missing", param="card")
    number, cvc = str(told.get("number", "")).replace(" ", ""), told.get("cvc")
    if not re.fullmatch(r"[0-9]{12,19}", number) or not luhn.is_valid(number):
        raise card_error("incorrect_number", "Your card number is incorrect.", param="number")
    month, year = _expiry(told, now)
    if cvc is not None:
        check_cvc(cvc)
    card = {
        "brand": next((brand for start, brand in _BRANDS if re.match(start, number)), "unknown"),
        "checks": {"cvc_check": "pass" if cvc is not None else None},
        "exp_month": month,
        "exp_year": year,
        "fingerprint": hmac.digest(secret, number.encode(), hashlib.sha256).hex()[:16],
        "funding": "credit",
        "last4": number[-4:],
    }
    return card, BEHAVIOUR.get(number, "")


def check_cvc(cvc: object) -> None:
    if not re.fullmatch(r"[0-9]{3,4}", str(cvc)):
        raise card_error("invalid_cvc", "Your card's security code is invalid.", param="cvc")


def is_over(card: dict[str, Any], now: float) -> bool:
    """Whether the month on the card has ended."""
    today = datetime.fromtimestamp(now, UTC)
    return (int(card["exp_year"]), int(card["exp_month"])) < (today.year, today.month)


def card_error(code: str, message: str, *, param: str) -> ApiError:
    return ApiError(message, status=402, kind="card_error", code=code, param=param)


def _expiry(told: dict[str, Any], now: float) -> tuple[int, int]:
    month, year = str(told.get("exp_month", "")), str(told.get("exp_year", ""))
    if not re.fullmatch(r"0?[1-9]|1[0-2]", month):
        raise card_error("invalid_expiry_month", "Your card's expiration month is invalid.", param="exp_month")
    whole = int(year) + (2000 if len(year) == 2 else 0) if re.fullmatch(r"[0-9]{2}|20[0-9]{2}", year) else 0
    card = {"exp_month": month, "exp_year": whole}
    if is_over(card, now):
        raise card_error("invalid_expiry_year", "Your card's expiration year is invalid.", param="exp_year")
    return int(month), whole
