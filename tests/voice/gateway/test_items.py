"""What a card's number, expiry date and security code look like."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from backoffice.voice.contract import Item
from backoffice.voice.gateway.items import ASKED_BY, fits_luhn, form_of, is_future


@given(st.text("0123456789", min_size=12, max_size=19))
def test_the_check_digit_is_that_of_the_standard(number: str) -> None:
    assert fits_luhn(memoryview(number.encode())) == luhn.is_valid(number)
    assert fits_luhn(memoryview((number + luhn.calc_check_digit(number)).encode()))


@pytest.mark.parametrize(
    ("now", "digits", "right"),
    [
        (datetime(2026, 11, 30, tzinfo=UTC), b"1126", True),
        (datetime(2026, 11, 30, tzinfo=UTC), b"1026", False),
        (datetime(2026, 12, 1, 1, tzinfo=UTC), b"1126", True),  # in Honolulu it is still November
        (datetime(2026, 12, 2, tzinfo=UTC), b"1126", False),
        (datetime(2026, 11, 30, tzinfo=UTC), b"0127", True),
        (datetime(2026, 11, 30, tzinfo=UTC), b"1146", True),
        (datetime(2026, 11, 30, tzinfo=UTC), b"1246", False),
        (datetime(2026, 11, 30, tzinfo=UTC), b"1327", False),
        (datetime(2026, 11, 30, tzinfo=UTC), b"0027", False),
        (datetime(2026, 1, 1, tzinfo=UTC), b"1225", True),
    ],
)
def test_a_card_is_good_until_its_month_is_over_everywhere(now: datetime, digits: bytes, right: bool) -> None:
    assert is_future(memoryview(digits), now) is right


def test_each_item_is_asked_for_by_a_sentence_and_has_a_form() -> None:
    assert set(ASKED_BY) == set(Item)
    lengths = {item: (form_of(item, seconds=60).least, form_of(item, seconds=60).most) for item in Item}
    assert lengths == {Item.CARD_NUMBER: (12, 19), Item.EXPIRY: (4, 4), Item.SECURITY_CODE: (3, 4)}
