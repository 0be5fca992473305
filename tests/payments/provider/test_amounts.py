from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.money import EXPONENTS
from backoffice.payments.provider import amounts
from backoffice.payments.provider.ports import ProviderRefused, Refusal


@given(amount=st.integers(1, 99_999), currency=st.sampled_from(sorted(EXPONENTS)))
def test_what_the_provider_is_told_is_read_back_as_the_same(amount: int, currency: str) -> None:
    even = amount * 100

    assert amounts.read(amounts.told(even, currency), currency.lower()) == even


@pytest.mark.parametrize(("amount", "currency"), [(0, "EUR"), (-1, "EUR"), (1255, "KWD"), (50001, "MGA")])
def test_an_amount_that_the_provider_cannot_have_is_not_sent(amount: int, currency: str) -> None:
    with pytest.raises(ProviderRefused) as refused:
        amounts.told(amount, currency)

    assert refused.value.because is Refusal.AMOUNT
