"""A case by what somebody typed."""

from __future__ import annotations

import pytest

from backoffice.cases.models import Case
from backoffice.references import new_reference
from backoffice.refusals import NotFound
from backoffice.ui import lookup
from backoffice.ui.lookup import NotAReference
from tests.factories import make_card, make_customer
from tests.playing import open_card_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    return open_card_case(make_card())


def test_a_reference_is_taken_however_it_is_typed(case: Case) -> None:
    reference = case.reference

    for typed in (reference, reference.lower(), reference.replace("-", " "), f" {reference.replace('-', '')} "):
        assert lookup.case_of(typed) == case


@pytest.mark.parametrize("typed", ["K7Q-4MX-3", "nonsense", ""])
def test_what_cannot_be_a_reference_is_told_on_its_field(typed: str) -> None:
    with pytest.raises(NotAReference) as refused:
        lookup.case_of(typed)

    assert list(refused.value.errors) == ["reference"]
    assert refused.value.sentence == f"{typed.upper()} is not a reference: a character in it is wrong"


def test_a_well_formed_reference_of_no_case_is_told() -> None:
    reference = new_reference()

    with pytest.raises(NotFound, match=f"There is no case {reference}"):
        lookup.case_of(reference)


def test_a_customer_finds_their_own_cases_only(case: Case) -> None:
    sentences = set()
    for typed in (case.reference, new_reference(), "nonsense"):
        with pytest.raises(NotFound) as refused:
            lookup.case_of(typed, customer=make_customer())
        sentences.add(refused.value.sentence)

    assert lookup.case_of(case.reference, customer=case.customer) == case
    assert sentences == {"There is no such case."}
