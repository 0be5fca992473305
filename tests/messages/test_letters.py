"""The addressee of a letter."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice.customers.models import Customer, CustomerKind
from backoffice.messages.models import MessageState
from backoffice.messages.sending import send_all_due
from tests.factories import make_address, make_customer, old_address
from tests.messages.conftest import Post
from tests.messages.telling import now_of, told

ABROAD = make_address("Prosta 51", country="PL", postal_code="00-838", town="Warszawa")


def envelope(customer: Customer, post: Post) -> list[str]:
    (letter,) = told(customer, channels=("letter",))
    send_all_due()
    assert now_of(letter).state == MessageState.SENT
    return post.posts[-1]["to"].splitlines()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("particulars", "lines"),
    [
        ({}, ["Maria Jansen", "Damrak 1", "1015 CJ Amsterdam"]),
        ({"given_name": "", "family_name": "Suharto"}, ["Suharto", "Damrak 1", "1015 CJ Amsterdam"]),
        (
            {"given_name": "Maria " * 19 + "Anna", "family_name": "Jansen"},
            ["Maria " * 19 + "Anna Jansen", "Damrak 1", "1015 CJ Amsterdam"],
        ),
        (
            {"kind": CustomerKind.ORGANISATION, "organisation_name": "Tulip B.V.", "contact_person": "M. Jansen"},
            ["Tulip B.V.", "attn. M. Jansen", "Damrak 1", "1015 CJ Amsterdam"],
        ),
        (
            {"contacts": {"postal": make_address("Damrak 1", recipient="c/o Smit")}},
            ["Maria Jansen", "c/o Smit", "Damrak 1", "1015 CJ Amsterdam"],
        ),
        ({"contacts": {"postal": ABROAD}}, ["Maria Jansen", "Prosta 51", "00-838 Warszawa", "POLAND"]),
    ],
)
def test_a_letter_says_who_it_is_for_and_where(
    particulars: dict[str, Any], lines: list[str], post: Post, clock: object
) -> None:
    known = {"contacts": {"postal": make_address("Damrak 1")}}
    named = {} if "kind" in particulars else {"given_name": "Maria", "family_name": "Jansen"}

    assert envelope(make_customer(**(known | named | particulars)), post) == lines


def test_an_address_that_was_one_text_is_printed_as_it_was_typed(customer: Customer, post: Post, clock: object) -> None:
    old_address(customer, "Plein 1\n2511 AB Den Haag")

    assert envelope(customer, post) == [customer.name, "Plein 1", "2511 AB Den Haag"]
