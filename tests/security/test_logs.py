"""What must not be in a log is not, whoever writes it."""

from __future__ import annotations

import logging

from backoffice.logs import formatter, without_card_numbers

CARD = "4111111111111111"
LINES = formatter(colours=False)


def line_of(message: str, *arguments: object, failed: Exception | None = None) -> str:
    return LINES.format(logging.LogRecord("any", logging.WARNING, "", 0, message, arguments, _info(failed)))


def _info(failed: Exception | None) -> tuple[type[BaseException], BaseException, None] | None:
    return (type(failed), failed, None) if failed else None


def test_a_card_number_in_an_address_is_logged_by_its_last_four_digits_only() -> None:
    line = line_of("Not Found: /api/v1/orders/%s/cancel", CARD)

    assert "/api/v1/orders/····1111/cancel" in line
    assert CARD not in line


def test_a_card_number_in_what_failed_is_not_logged() -> None:
    line = line_of("it failed", failed=ValueError(f"cannot read {CARD}"))

    assert "ValueError: cannot read ····1111" in line


def test_a_card_number_in_a_named_value_is_not_logged_and_an_id_stays_as_it_is() -> None:
    known = "2a804a03-70fe-4fa6-a4d0-089981114013"

    line = without_card_numbers(None, "warning", {"request": f"POST /orders/{CARD}/", "case": known, "code": 400})

    assert line == {"request": "POST /orders/····1111/", "case": known, "code": 400}
