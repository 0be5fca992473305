"""The risk rules hold a caller up before anything is asked of a card; the customer confirms; staff read exactly why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse

from backoffice.actors import Level
from backoffice.cases import answering
from backoffice.cases.models import Case
from backoffice.customers.models import ContactPoint
from backoffice.payments.risk.models import RiskTightening
from backoffice.payments.top_up import codes, limits, words
from backoffice.payments.top_up.models import Farewell, TopUp
from backoffice.voice.contract import Capture
from tests.factories import change_phone, make_customer, now
from tests.payments.making import make_card_on_file
from tests.payments.top_up.calling_us import (
    agreed,
    let_in,
    noted,
    on_file,
    signalled,
    top_up_of,
    waiting,
)
from tests.playing import advance, ask, customer_actor
from tests.portal.conftest import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    case = waiting(make_customer(language="en"))
    make_card_on_file(case.customer)
    return case


def swapped(case: Case) -> None:
    ContactPoint.objects.filter(customer=case.customer, kind="phone").update(sim_swapped_at=now())


def declined_lately(case: Case) -> None:
    card = case.customer.cards_on_file.get()
    for _each in range(6):
        other = agreed(waiting(make_customer()))
        TopUp.objects.filter(pk=other.call.top_up_id).update(money="declined", card=card)


def same_number_often(case: Case) -> None:
    number = on_file(case.customer)
    for _each in range(6):
        other = waiting(make_customer())
        make_card_on_file(other.customer)
        TopUp.objects.filter(case=other).update(to_confirm=100_00, confirmed_at=now())
        caller = let_in(other, number)
        for digits in ("25", "1", "1"):
            caller.keys(digits)
        caller.is_captured("cvctok_1")


@pytest.mark.parametrize(
    ("happens", "rule", "farewell", "keyed"),
    [
        (swapped, "number_swapped", Farewell.REFUSED, ["25"]),
        (same_number_often, "number_top_ups", Farewell.REFUSED, ["25"]),
        (declined_lately, "card_declines", Farewell.CARD_NOT_TAKEN, ["25", "1"]),
    ],
)
def test_what_the_rules_refuse_is_refused_before_the_card_and_staff_read_why(
    case: Case, happens: Callable[[Case], None], rule: str, farewell: Farewell, keyed: list[str]
) -> None:
    happens(case)
    before = signalled(case)
    caller = let_in(case)
    for digits in keyed:
        caller.keys(digits)

    assert caller.call.farewell == farewell
    assert not isinstance(caller.told, Capture)
    assert rule in top_up_of(case).risk
    assert (noted(case)[-1], signalled(case)) == ("top_up.denied", before)
    _template, shown = words.desk_panel(case)
    assert str(words.WORDS["rule"][rule]) in map(str, shown["rules"])
    assert str(words.WORDS["rule"][rule]) not in caller.hears


@pytest.mark.parametrize("number", ["", "+12065550177"])
def test_who_calls_from_another_number_is_asked_in_the_portal_first(case: Case, number: str) -> None:
    caller = let_in(case, number)

    caller.keys("25")

    assert caller.call.farewell == Farewell.ASKS_FIRST
    assert "we ask you in the portal whether it is you" in caller.hears
    assert (top_up_of(case).to_confirm, top_up_of(case).risk) == (25_00, ["number_not_on_file"])
    assert (signalled(case), noted(case)[-1]) == (1, "top_up.asks_first")
    assert not codes.waits_for_call(case)


def test_a_new_number_on_file_is_asked_about(case: Case) -> None:
    change_phone(customer=case.customer, days_ago=8)

    caller = let_in(case)
    caller.keys("25")

    assert (caller.call.farewell, set(top_up_of(case).risk)) == (
        Farewell.ASKS_FIRST, {"number_young", "customer_moved"}
    )  # fmt: skip


def test_what_was_confirmed_is_not_asked_again_up_to_that_amount_and_more_is() -> None:
    person = make_person()
    case = waiting(person.customer)
    make_card_on_file(case.customer)
    let_in(case, "").keys("25")
    item = ask(case, "confirm_top_up", stage="confirm")
    page = person.client.get(reverse("portal:case", args=[case.reference])).content.decode()
    assert "Before we go on, we ask you" in page
    assert "25.00 EUR" in person.client.get(reverse("portal:item", args=[item.id]), follow=True).content.decode()
    by = customer_actor(person.customer, level=Level.CONFIRMED, proof="webauthn")
    answering.answer(item_id=item.id, by=by, data={"outcome": "confirmed"})
    advance(case, stage="call")

    same = let_in(case, "")
    same.keys("25")
    assert same.call.farewell == ""
    same.hangs_up()
    more = let_in(case, "")
    more.keys("26")

    assert (more.call.farewell, top_up_of(case).to_confirm) == (Farewell.ASKS_FIRST, 26_00)
    assert not codes.waits_for_call(case)


def test_a_card_that_is_about_to_be_keyed_in_is_asked_about_before_it_is(case: Case) -> None:
    small, large = let_in(case), "101"
    small.keys("100")
    small.keys("0")
    assert isinstance(small.told, Capture)
    small.hangs_up()

    caller = let_in(case)
    caller.keys(large)
    caller.keys("0")

    assert (caller.call.farewell, top_up_of(case).risk) == (Farewell.ASKS_FIRST, ["card_new"])


def test_what_speaks_against_it_after_it_was_read_out_counts_too(case: Case) -> None:
    caller = let_in(case)
    for digits in ("25", "1", "1"):
        caller.keys(digits)
    swapped(case)

    caller.is_captured("cvctok_1")

    assert (caller.call.farewell, signalled(case), top_up_of(case).agreed_in) == (Farewell.REFUSED, 0, None)


def test_the_limits_tighten_with_the_losses(case: Case) -> None:
    RiskTightening.objects.create(currency="EUR", factor=16, lost=3, captured=100_000, since=now())
    caller = let_in(case)
    caller.keys("32")
    assert caller.hears.startswith("You can add at most thirty-one euros at once.")

    caller.keys("16")

    assert (caller.call.farewell, top_up_of(case).risk) == (Farewell.ASKS_FIRST, ["amount_identity"])
    assert str(limits.in_force("EUR").per_month) == "187.00 EUR"


def test_every_currency_of_a_top_up_has_limits_of_risk() -> None:
    from backoffice.payments.risk.limits import currencies

    assert set(limits.CAPS) <= set(currencies())


def test_after_a_refusal_the_page_says_whom_to_ask_and_not_why() -> None:
    person = make_person()
    case = waiting(person.customer)
    make_card_on_file(case.customer)
    swapped(case)
    let_in(case).keys("25")

    page = person.client.get(reverse("portal:case", args=[case.reference])).content.decode()

    assert "Your last call could not go on. Nothing was taken." in page
    assert "swapped" not in page
