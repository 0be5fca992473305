"""What a case is, in words for who reads it."""

from __future__ import annotations

import pytest

from backoffice.cases.models import PerformerKind
from backoffice.ui import headlines
from tests.factories import make_card
from tests.playing import ask, open_card_case

pytestmark = pytest.mark.django_db


def test_a_confirmation_says_what_the_case_is_about_to_its_customer_and_not_to_a_second_party() -> None:
    card = make_card()
    item = ask(open_card_case(card), "activate_card")
    to_the_customer = headlines.about(item)

    item.performer = PerformerKind.PARTY

    assert card.last_four in to_the_customer
    assert headlines.about(item) == ""
