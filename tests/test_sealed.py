from __future__ import annotations

import io

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.conf import LazySettings
from django.core.exceptions import FieldError
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from backoffice.customers.models import Customer
from backoffice.sealed import keyed_hash, seal, seal_for, unseal, unseal_for
from backoffice.staff.sign_in import MFAAdapter
from tests.factories import make_customer, make_staff


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


@pytest.mark.django_db
def test_after_resealing_the_old_key_can_be_dropped(settings: LazySettings) -> None:
    settings.SEALING_KEYS = [Fernet.generate_key().decode()]
    customer = make_customer(national_ids={"BSN": "111222333"})
    hanna = make_staff(totp="JBAU4TSBJBAU4TSB")
    newest = Fernet.generate_key().decode()
    settings.SEALING_KEYS = [newest, *settings.SEALING_KEYS]

    call_command("reseal", stdout=io.StringIO())

    settings.SEALING_KEYS = [newest]
    customer = Customer.objects.get(pk=customer.pk)
    assert customer.birth_date == "1984-05-17"
    assert customer.national_ids.get().number == "111222333"
    assert customer.contact_points.filter(kind="phone").get().value.startswith("+1")
    assert MFAAdapter().decrypt(Authenticator.objects.get(user=hanna).data["secret"]) == "JBAU4TSBJBAU4TSB"


def test_what_is_sealed_about_something_opens_only_for_it() -> None:
    sealed = seal_for(b"typed", about="user 7, page 1")

    assert unseal_for(sealed, about="user 7, page 1") == b"typed"
    assert b"typed" not in sealed
    with pytest.raises(ValueError, match="something else"):
        unseal_for(sealed, about="user 8, page 1")


@pytest.mark.parametrize("changed", [b"", b"short", b"\0" * 60])
def test_what_was_changed_does_not_open(changed: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        unseal_for(changed, about="user 7, page 1")


def test_an_older_key_still_opens_what_it_sealed_about_something(settings: LazySettings) -> None:
    sealed = seal_for(b"typed", about="x")
    settings.SEALING_KEYS = [Fernet.generate_key().decode(), *settings.SEALING_KEYS]

    assert unseal_for(sealed, about="x") == b"typed"
    settings.SEALING_KEYS = settings.SEALING_KEYS[:1]
    with pytest.raises(ValueError, match="something else"):
        unseal_for(sealed, about="x")
