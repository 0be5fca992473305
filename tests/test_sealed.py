from __future__ import annotations

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.conf import LazySettings
from django.core.exceptions import FieldError
from hypothesis import given
from hypothesis import strategies as st

from backoffice.customers.models import Customer
from backoffice.sealed import keyed_hash, seal, unseal


@given(st.text())
def test_what_was_sealed_opens_again_and_looks_different_each_time(text: str) -> None:
    one, other = seal(text), seal(text)

    assert unseal(one) == unseal(other) == text
    assert one != other


def test_an_older_key_still_opens_what_it_closed(settings: LazySettings) -> None:
    token = seal("Maria")

    settings.SEALING_KEYS = [Fernet.generate_key().decode(), *settings.SEALING_KEYS]

    assert unseal(token) == "Maria"


def test_a_key_that_was_dropped_opens_nothing(settings: LazySettings) -> None:
    token = seal("Maria")

    settings.SEALING_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(InvalidToken):
        unseal(token)


def test_a_changed_sign_is_noticed() -> None:
    token = seal("Maria")
    changed = token[:-10] + ("A" if token[-10] != "A" else "B") + token[-9:]

    with pytest.raises(InvalidToken):
        unseal(changed)


def test_the_blind_index_depends_on_purpose_and_key(settings: LazySettings) -> None:
    index = keyed_hash("mail", "maria@example.org")

    assert index == keyed_hash("mail", "maria@example.org")
    assert index != keyed_hash("phone", "maria@example.org")
    settings.INDEX_KEY = "another"
    assert index != keyed_hash("mail", "maria@example.org")


def test_a_sealed_column_cannot_be_searched() -> None:
    with pytest.raises(FieldError):
        Customer.objects.filter(birth_date="1984-05-17")
