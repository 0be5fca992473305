"""Applying as a merchant: who may, and everything that is refused on its field."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.urls import reverse

from backoffice.cases import opening
from backoffice.cases.models import Case, Command, Event, Part
from backoffice.payments.merchants import trades, trading_names
from backoffice.payments.merchants.models import MerchantApplication
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound
from backoffice.staff.models import Role
from tests.factories import actor, make_customer, make_staff
from tests.payments.merchants.applying import APPLIES, a_name, apply, make_company
from tests.playing import close, customer_actor
from tests.portal.conftest import make_person

pytestmark = pytest.mark.django_db
FORBIDDEN = [trade for trade in trades.TRADES if trade.refused]


def refused(**data: str) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as refusal:
        apply(make_company(), **data)
    return refusal.value.errors


def test_a_company_applies_and_its_account_is_in_no_event() -> None:
    company = make_company()

    case = apply(company, trading_name="Fleur  & Fils", highest_amount="250,50")

    applied = MerchantApplication.of(case)
    assert (applied.company, applied.live, case.subject) == (company, True, "Fleur & Fils")
    assert [str(one) for one in applied.expects] == ["250.50 EUR", "8000.00 EUR"]
    assert applied.iban == "NL91ABNA0417164300"
    told = str(list(Event.objects.values_list("data", "reason"))) + str(list(Command.objects.values_list("payload")))
    assert "0417164300" not in told
    assert "25050" not in told


@pytest.mark.parametrize("trade", FORBIDDEN, ids=lambda trade: trade.code)
def test_a_forbidden_trade_is_refused_on_the_field_with_its_reason(trade: trades.Trade) -> None:
    errors = refused(trade=trade.code)

    assert list(errors) == ["trade"]
    assert str(trade.refused) in errors["trade"][0]


@pytest.mark.parametrize(
    ("data", "field", "says"),
    [
        ({"trade": "0000"}, "trade", ""),
        ({"highest_amount": "0"}, "highest_amount", "more than zero"),
        ({"highest_amount": "-5"}, "highest_amount", "without a sign"),
        ({"highest_amount": "12.345"}, "highest_amount", ""),
        ({"highest_amount": "2000.01"}, "highest_amount", "at most 2,000.00 EUR"),
        ({"highest_amount": "8000", "monthly_volume": "100"}, "highest_amount", "at most"),
        ({"highest_amount": "500", "monthly_volume": "499.99"}, "monthly_volume", "less than the highest"),
        ({"currency": "JPY", "highest_amount": "10.5", "monthly_volume": "5000"}, "highest_amount", "no decimals"),
        ({"currency": "XAU"}, "currency", ""),
        ({"iban": "NL91 ABNA 0417 1643 01"}, "iban", "check digits"),
        ({"iban": "NL91 ABNA 0417 1643"}, "iban", ""),
        ({"iban": "account 7"}, "iban", "not an IBAN"),
        ({"iban": "4242 4242 4242 4242"}, "iban", "card number"),
        ({"iban": ""}, "iban", "Write the IBAN"),
        ({"trading_name": "Meridian Bank"}, "trading_name", "sounds like ours"),
    ],
)
def test_what_is_wrong_is_said_on_its_field(data: dict[str, str], field: str, says: str) -> None:
    errors = refused(**data)

    assert list(errors) == [field]
    assert says in errors[field][0]


def test_an_iban_whose_digits_could_be_those_of_a_card_is_an_iban() -> None:
    """The digits of this one pass the test of card numbers."""
    case = apply(make_company(), iban="BE46 1000 0000 0236")

    assert MerchantApplication.of(case).iban == "BE46100000000236"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("A", "2 to 40"),
        ("A" * 41, ""),
        ("Fleur ★", "“★” cannot be read out"),
        ("Fleur.com/pay", "“/” cannot be read out"),
        ("24 7", "needs letters"),
        ("Флёр", "Latin letters and Chinese"),
        ("Flеur", "Latin letters and Chinese"),
        ("ɡarden shop", "Latin letters and Chinese"),
        ("花店 Fleur", "not in both"),
        ("Fleur 10000", "five digits"),
        ("Meridian", "sounds like ours"),
        ("MERIDIAN-Bank BV", "sounds like ours"),
        ("Merídian Payments", "sounds like ours"),
        ("Meridían", "sounds like ours"),
    ],
)
def test_a_name_that_is_spoken_badly_or_is_ours_is_refused(name: str, says: str) -> None:
    errors = refused(trading_name=name)

    assert list(errors) == ["trading_name"]
    assert says in errors["trading_name"][0]


@pytest.mark.parametrize("name", ["Fleur & Fils", "Café 't Hoekje", "Zakład Łąka", "花店", "Studio 54", "A-Z Boeken"])
def test_a_name_that_is_spoken_well_is_taken(name: str) -> None:
    assert trading_names.why_not(name) == ""


@pytest.mark.parametrize("name", ["FLEUR & FILS", "Fleur + Fils B.V.", "Fléur &  Fils", "F1eur Fils", "FIeur-Fils Ltd"])
def test_a_name_that_sounds_or_looks_like_that_of_another_is_refused(name: str) -> None:
    apply(make_company(), trading_name="Fleur & Fils")

    assert "sounds or looks like it" in refused(trading_name=name)["trading_name"][0]


def test_a_name_is_free_again_once_its_company_is_no_merchant() -> None:
    close(apply(make_company(), trading_name="Fleur & Fils"), "expired")

    assert apply(make_company(), trading_name="Fleur & Fils").subject == "Fleur & Fils"


def test_of_two_companies_that_take_a_name_at_once_one_is_told() -> None:
    first, second = make_company(), make_company()
    content = {**APPLIES, "trading_name": "Fleur", "highest_amount": "250.00 EUR", "monthly_volume": "8000.00 EUR"}

    def open_for(company: Any) -> Case:
        case, _new = opening.open_case(
            process="merchant_admission",
            customer=company,
            by=customer_actor(company),
            key=str(uuid.uuid4()),
            content=content,
        )
        return case

    open_for(first)
    with pytest.raises(Conflict) as refusal:
        open_for(second)

    assert (refusal.value.code, refusal.value.field) == ("name_taken", "trading_name")
    assert not Case.objects.filter(customer=second).exists()


class TestWho:
    def test_a_person_cannot(self) -> None:
        maria = make_customer()

        with pytest.raises(Conflict, match="Only a company"):
            apply(maria)

    def test_a_company_without_a_register_number_cannot(self) -> None:
        with pytest.raises(Conflict, match="register number"):
            apply(make_company(national_ids={}))

    def test_a_company_has_one_application_and_learns_which(self) -> None:
        company = make_company()
        case = apply(company)

        with pytest.raises(Conflict, match=case.reference):
            apply(company)

    def test_what_is_sent_twice_is_one_application(self) -> None:
        company, key, name = make_company(), str(uuid.uuid4()), a_name()

        assert apply(company, key=key, trading_name=name) == apply(company, key=key, trading_name=name)

    def test_nobody_applies_for_another_company(self) -> None:
        company, other = make_company(), make_company()

        with pytest.raises(NotFound):
            apply(company, customer_actor(other))

    @pytest.mark.parametrize("role", [Role.SUPPORT, Role.SUPERVISOR])
    def test_the_desk_applies_for_a_company_and_never_looks_at_it_afterwards(self, role: Role) -> None:
        agent = make_staff(role=role)

        case = apply(make_company(), actor(agent))

        assert Part.objects.get(root_id=case.id, user=agent).part == "requester"

    @pytest.mark.parametrize("role", [Role.APPROVER, Role.COMPLIANCE, Role.FIELD, Role.ADMINISTRATOR])
    def test_who_decides_does_not_apply(self, role: Role) -> None:
        with pytest.raises(Forbidden):
            apply(make_company(), actor(make_staff(role=role)))

    def test_in_the_portal_another_companys_application_does_not_exist(self) -> None:
        case = apply(make_company())
        stranger = make_person()

        response = stranger.client.get(reverse("portal:case", args=[case.reference]))

        assert response.status_code == 404
