"""The address on the letter with a card: complete and checked before the point of no return."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django import Settings

from backoffice.actors import Level, system
from backoffice.cards.ports import ShippingAddress
from backoffice.cards.reissue import calls, ordering, posted_codes, risk
from backoffice.cases import answering
from backoffice.cases.models import Case, WorkItem
from backoffice.cases.outside import OutsideRefused
from backoffice.cases.unit_of_work import changing
from backoffice.customers import contact_points
from backoffice.customers.models import ContactKind, CustomerKind
from backoffice.customers.postal import PostalAddress
from backoffice.messages.models import Message
from backoffice.refusals import Conflict, Invalid
from backoffice.staff.models import Role
from tests.customers.test_split_by_guess import split
from tests.factories import actor, make_address, make_card, make_customer, make_staff, old_address
from tests.playing import CALM, ask, customer_actor, open_card_case
from workflows.base.spec import Nothing

pytestmark = pytest.mark.django_db
HONG_KONG = PostalAddress(
    country="HK", lines=("Flat 25", "150 Kennedy Road"), town="Wan Chai", region="Hong Kong Island"
)
TOKYO = PostalAddress(country="JP", lines=("1-3 Kita-Aoyama",), postal_code="107-0061", region="Tokyo")
CALIFORNIA = PostalAddress(
    country="US", lines=("1600 Holloway Avenue",), postal_code="94132", town="San Francisco", region="CA"
)
BOX = make_address("Postbus 1234", postal_code="1000 AA", recipient="c/o Smit")


def case_of(address: PostalAddress | None = None, **particulars: Any) -> Case:
    customer = make_customer(contacts={"postal": address or make_address("Damrak 1")}, **particulars)
    return open_card_case(make_card(customer=customer))


def guessed_case() -> Case:
    """Of a customer whose address was one text, split by a guess."""
    case = open_card_case(make_card())
    old_address(case.customer, "Plein 1\n2511 AB Den Haag")
    split()
    return case


def confirm(case: Case) -> None:
    contact_points.supersede(
        customer=case.customer,
        kind=ContactKind.POSTAL,
        value=make_address("Plein 1", postal_code="2511 AB", town="Den Haag"),
        how="",
        by=system(),
        now=datetime.now(UTC),
    )


def survey(case: Case, **answers: str) -> str:
    by = customer_actor(case.customer, level=Level.CONFIRMED)
    return answering.answer(item_id=ask(case, "email_survey").id, by=by, data=CALM | answers).outcome


def decide(item: WorkItem, outcome: str, role: Role) -> str:
    data = {"outcome": outcome, "reason": "because"}
    return answering.answer(item_id=item.id, by=actor(make_staff(role=role)), data=data).outcome


@pytest.mark.parametrize(
    ("address", "label"),
    [
        (
            make_address("Lange Voorhout 74", postal_code="2511 AB", town="Den Haag"),
            {"line1": "Lange Voorhout 74", "postal_code": "2511 AB", "city": "Den Haag", "country": "NL"},
        ),
        (
            BOX,
            {
                "line1": "c/o Smit",
                "line2": "Postbus 1234",
                "postal_code": "1000 AA",
                "city": "Amsterdam",
                "country": "NL",
            },
        ),
        (
            HONG_KONG,
            {
                "line1": "Flat 25",
                "line2": "150 Kennedy Road",
                "postal_code": "",
                "city": "Wan Chai",
                "state": "Hong Kong Island",
                "country": "HK",
            },
        ),
        (
            TOKYO,
            {"line1": "1-3 Kita-Aoyama", "postal_code": "107-0061", "city": "Tokyo", "state": "Tokyo", "country": "JP"},
        ),
        (
            CALIFORNIA,
            {
                "line1": "1600 Holloway Avenue",
                "postal_code": "94132",
                "city": "San Francisco",
                "state": "CA",
                "country": "US",
            },
        ),
    ],
)
def test_the_issuer_is_given_the_parts(address: PostalAddress, label: dict[str, str]) -> None:
    case = case_of(address, given_name="Suharto", family_name="")

    assert ordering.order_request(case).shipping == ShippingAddress(name="Suharto", **label)


def test_an_organisations_card_goes_to_its_contact_person() -> None:
    case = case_of(kind=CustomerKind.ORGANISATION, organisation_name="Tulip B.V.", contact_person="M. Jansen")

    assert ordering.order_request(case).shipping.name == "Tulip B.V., attn. M. Jansen"


def test_a_name_of_a_hundred_characters_and_more_fits_on_the_label() -> None:
    case = case_of(given_name="Maria " * 20, family_name="van der Berg")

    assert ordering.order_request(case).shipping.name == "M. M. M. M. M. M. M. M. M. M. M. M. M. M. M."


def test_no_card_is_posted_to_an_address_that_nobody_has_looked_at() -> None:
    case = guessed_case()

    with pytest.raises(Conflict) as refused:
        ordering.order_request(case)
    with pytest.raises(OutsideRefused):
        calls.order_card(case=case, args=Nothing(), key="k", asked_at=datetime.now(UTC), now=datetime.now(UTC))
    confirm(case)

    assert refused.value.code == "postal_address_unchecked"
    assert ordering.order_request(case).shipping.city == "Den Haag"


def test_the_survey_sends_such_an_address_to_somebody_who_looks_at_it() -> None:
    assert survey(guessed_case()) == "address_wrong"
    assert survey(case_of()) == "answered"


def test_such_an_address_alone_is_no_risk() -> None:
    case = guessed_case()
    survey(case)

    assert risk.assess(case, now=datetime.now(UTC)).why == ()


def test_it_is_corrected_once_its_parts_are_confirmed() -> None:
    case = guessed_case()
    item = ask(case, "correct_address")

    with pytest.raises(Invalid) as refused:
        decide(item, "corrected", Role.SUPPORT)
    confirm(case)

    assert set(refused.value.errors) == {"outcome"}
    assert decide(item, "corrected", Role.SUPPORT) == "corrected"


def test_nobody_approves_what_cannot_be_posted_but_anybody_may_reject_it() -> None:
    case = guessed_case()
    item = ask(case, "approve_reissue")

    with pytest.raises(Invalid) as refused:
        decide(item, "approved", Role.APPROVER)

    assert "nobody has checked the parts" in refused.value.sentence
    assert decide(item, "rejected", Role.APPROVER) == "rejected"


def test_it_is_approved_once_its_parts_are_confirmed() -> None:
    case = guessed_case()
    item = ask(case, "approve_reissue")
    confirm(case)

    assert decide(item, "approved", Role.APPROVER) == "approved"


def test_no_code_is_posted_to_an_address_that_nobody_has_looked_at() -> None:
    case = guessed_case()
    with changing(case.id) as locked:
        until = posted_codes.post(locked, by=system(), now=datetime.now(UTC))

    assert until is None
    assert not Message.objects.filter(contact__channel="letter").exists()


# --- the new address in the survey ------------------------------------------------------------------------------------

MOVED = {
    "address_right": "no",
    "right_country": "PL",
    "right_line1": "Prosta 51",
    "right_code": "00838",
    "right_town": "Warszawa",
}


def test_a_customer_who_has_moved_may_write_the_new_address_in_its_parts() -> None:
    case = case_of()

    assert survey(case, **MOVED) == "address_wrong"

    kept = WorkItem.objects.get(case=case, kind="email_survey").answer
    assert kept is not None
    assert {name: kept[name] for name in MOVED} == MOVED | {"right_code": "00-838"}
    assert contact_points.currents(customer=case.customer)["postal"].masked == "•••, Amsterdam", "a person corrects it"


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        (MOVED | {"right_code": "1016 GC"}, "right_code"),
        (MOVED | {"right_line1": ""}, "right_line1"),
        (MOVED | {"right_town": ""}, "right_town"),
        (MOVED | {"right_region": "TX"}, "right_region"),
        (MOVED | {"right_redraw": "1"}, "right_country"),
        ({"address_right": "no"}, "right_country"),
        (MOVED | {"right_line2": "4111 1111 1111 1111"}, "right_line2"),
    ],
)
def test_a_new_address_is_checked_part_by_part(answers: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        survey(case_of(), **answers)

    assert field in refused.value.errors
    assert all(name.startswith("right_") for name in refused.value.errors)


def test_whoever_says_yes_after_all_has_written_no_address() -> None:
    case = case_of()

    assert survey(case, **MOVED | {"address_right": "yes", "right_country": "XX"}) == "answered"

    kept = WorkItem.objects.get(case=case, kind="email_survey").answer or {}
    assert not any(kept.get(name) for name in MOVED if name != "address_right")


def test_a_country_alone_is_no_new_address() -> None:
    assert survey(case_of(), right_country="NL") == "answered"


# --- the branch -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "setting",
    ["", "Damrak 1, 1012 LG, Amsterdam", "Damrak 1, 1012, Amsterdam, NL", "Damrak 1, 1012 LG, Amsterdam, XX", ",,,"],
)
def test_a_branch_that_is_no_address_is_refused(settings: Settings, setting: str) -> None:
    settings.BRANCH_ADDRESS = setting

    with pytest.raises(Conflict) as refused:
        ordering.branch_address()

    assert refused.value.code == "no_branch_address"
