"""The customer's list, the register of payments, and asking billers to wait."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from backoffice.actors import system
from backoffice.cards.autopay import holds, lines, mandates, records, settling, sheet, ticking, words
from backoffice.cards.autopay.models import LetterState, Line, Mandate, MandateState, Reach, Whose
from backoffice.cases.answering import answer as answer_item
from backoffice.cases.models import Case, CaseState
from backoffice.cases.unit_of_work import changing
from backoffice.refusals import Conflict, Invalid, NotFound
from backoffice.trust.models import Contact
from backoffice.webhooks.models import Delivery
from tests.cards.autopay.updating import (
    answer,
    lines_of,
    make_biller,
    make_endpoint,
    make_mandate,
    make_renewed,
    now,
    open_update,
    settle,
    signals,
    states,
    update_of,
)
from tests.factories import make_card, make_customer
from tests.playing import ask, customer_actor

pytestmark = pytest.mark.django_db


def waiting(count: int = 2, codes: str = "") -> Case:
    """A case whose list waits for the customer."""
    case = open_update(make_renewed(), lines_=count)
    if codes:
        answer(case, codes)
    settle(case)
    return case


def tick(case: Case, number: int, how: ticking.How = ticking.How.MOVED) -> Line:
    by = customer_actor(case.customer)
    return ticking.tick(line_id=lines_of(case)[number].public_id, how=how, by=by, now=now())


def fields(case: Case, *hows: str) -> dict[str, str]:
    return {f"line_{line.public_id.hex}": how for line, how in zip(lines_of(case), hows, strict=True)}


# --- ticking off ------------------------------------------------------------------------------------------------------


def test_line_by_line_each_tick_stays_and_the_last_one_ends_the_list() -> None:
    case = waiting(3)

    tick(case, 0)
    tick(case, 1, ticking.How.OVER)
    assert (states(case), signals(case)) == (["moved", "over", "to_do"], [])
    tick(case, 2, ticking.How.NOT_MINE)

    assert (states(case), signals(case)) == (["moved", "over", "not_mine"], ["nothing_left"])
    assert list(Mandate.objects.order_by("pk").values_list("state", flat=True)) == ["live", "over", "not_mine"]


def test_a_line_that_was_ticked_off_stays_as_it_was() -> None:
    case = waiting(2)
    tick(case, 0)

    tick(case, 0, ticking.How.NOT_MINE)

    assert states(case) == ["moved", "to_do"]


def test_another_customer_cannot_tick_it_off() -> None:
    case = waiting(1)
    line = lines_of(case)[0]

    with pytest.raises(NotFound):
        ticking.tick(line_id=line.public_id, how=ticking.How.MOVED, by=customer_actor(make_customer()), now=now())
    assert states(case) == ["to_do"]


@pytest.mark.parametrize(("state", "why"), [(CaseState.FROZEN, "is paused"), (CaseState.STOPPING, "being stopped")])
def test_nothing_is_ticked_off_in_a_case_that_does_not_go_on(state: str, why: str) -> None:
    case = waiting(1)
    Case.objects.filter(pk=case.pk).update(state=state)

    with pytest.raises(Conflict, match=why):
        tick(case, 0)
    assert states(case) == ["to_do"]


def test_what_the_network_is_still_asked_about_is_not_ticked_off_as_moved() -> None:
    case = open_update(make_renewed(), lines_=1)

    with pytest.raises(Conflict, match="Wait for its answer"):
        tick(case, 0)


def test_several_at_once_and_the_rest_stays_on_the_list() -> None:
    case = waiting(3)
    item = ask(case, "move_the_rest")

    receipt = answer_item(
        item_id=item.id, by=customer_actor(case.customer), data=fields(case, "moved", "not_yet", "over"), now=now()
    )

    assert (receipt.outcome, states(case)) == ("some", ["moved", "to_do", "over"])


def test_the_last_ones_at_once_end_the_item() -> None:
    case = waiting(1)
    item = ask(case, "move_the_rest")

    receipt = answer_item(item_id=item.id, by=customer_actor(case.customer), data=fields(case, "moved"), now=now())

    assert receipt.outcome == "all"


def test_a_list_on_which_nothing_is_ticked_is_not_sent() -> None:
    case = waiting(1)
    item = ask(case, "move_the_rest")

    with pytest.raises(Invalid, match="at least one"):
        answer_item(item_id=item.id, by=customer_actor(case.customer), data={}, now=now())


def test_each_reason_is_said_with_what_to_do_and_nobody_asks_for_a_number() -> None:
    card = make_renewed()
    for name, how in (("Blue Gym", ""), ("Red Phone", "Call them, and press 2."), ("Old Paper", ""), ("My Rent", "")):
        make_mandate(card, make_biller(name, how_to_change=how), whose=Whose.OTHER if name == "My Rent" else Whose.OWN)
    case = open_update(card)
    answer(case, "CQNP")
    settle(case)

    said = [ticking.what_to_do(line) for line in lines.to_do(update_of(case))]

    assert said[0].startswith("The card network could only tell Blue Gym that the old card is closed.")
    assert said[1] == "Red Phone wants to hear from you before it takes a new card. Call them, and press 2."
    assert said[3].endswith("What the company asks for stands on their bill.")


def test_the_counts_are_one_sentence() -> None:
    case = waiting(12, "AAAAAAAAANC")

    assert lines.in_words(lines.counts(update_of(case))) == "9 moved, 2 wait for you, 1 biller has not answered"
    assert words.headline(case).lead.startswith("9 moved, 2 wait for you, 1 biller has not answered")


def test_whoever_calls_knows_how_many_wait_and_no_name_or_number() -> None:
    case = waiting(2, "N")
    make = lines_of(case)[0].mandate

    sheet_of = sheet.call_sheet(case)
    assert sheet_of is not None
    whole = " ".join(str(one) for one in (sheet_of.why, *sheet_of.may_ask, *sheet_of.offers, sheet_of.for_customer))

    assert "2 recurring payments" in whole
    assert make.biller.name not in whole
    for number in range(2):
        tick(case, number)
    assert sheet.call_sheet(case) is None


# --- the register -----------------------------------------------------------------------------------------------------


def test_a_payment_needs_no_number_that_the_customer_cannot_know() -> None:
    customer = make_customer()
    card = make_card(customer=customer)

    one = mandates.add(
        customer=customer, card=card, biller="Green Water", whose=Whose.OTHER, by=customer_actor(customer), now=now()
    )

    assert (one.reference, one.whose, one.biller.reach) == ("", "other", Reach.NOTHING)


def test_a_payment_that_is_added_meanwhile_joins_the_list() -> None:
    case = waiting(1)
    old = update_of(case).card.replaces
    assert old is not None
    by = customer_actor(case.customer)

    mandates.add(customer=case.customer, card=old, biller="Green Water", by=by, now=now())

    assert states(case) == ["to_do", "to_do"]
    assert "You added Green Water" in ticking.what_to_do(lines.to_do(update_of(case))[1])


@pytest.mark.parametrize(
    ("name", "reference", "field"),
    [
        ("", "", "biller"),
        ("x", "", "biller"),
        ("4111 1111 1111 1111", "", "biller"),
        ("Gym", "4111111111111111", "reference"),
    ],
)
def test_what_cannot_be_a_payment_is_refused_on_its_field(name: str, reference: str, field: str) -> None:
    card = make_card()
    by = customer_actor(card.customer)

    with pytest.raises(Invalid) as refused:
        mandates.add(customer=card.customer, card=card, biller=name, reference=reference, by=by, now=now())
    assert list(refused.value.errors) == [field]


def test_the_same_payment_twice_is_refused_and_two_bills_at_one_company_are_not() -> None:
    card = make_card()
    by = customer_actor(card.customer)

    mandates.add(customer=card.customer, card=card, biller="Gym", by=by, now=now())
    mandates.add(customer=card.customer, card=card, biller="Gym", reference="my mother's", by=by, now=now())
    with pytest.raises(Conflict):
        mandates.add(customer=card.customer, card=card, biller="gym", by=by, now=now())


def test_another_customers_card_is_not_there() -> None:
    card = make_card()

    with pytest.raises(NotFound):
        mandates.add(customer=card.customer, card=card, biller="Gym", by=customer_actor(make_customer()), now=now())


def test_what_is_not_mine_leaves_the_list_at_once() -> None:
    case = waiting(2)
    mandate = lines_of(case)[0].mandate

    mandates.say_not_mine(mandate=mandate, by=customer_actor(case.customer), now=now())

    mandate.refresh_from_db()
    assert (mandate.state, states(case)) == (MandateState.NOT_MINE, ["not_mine", "to_do"])


@pytest.mark.parametrize("say", [mandates.say_over, mandates.say_not_mine, mandates.say_live])
def test_another_customer_says_nothing_of_it(say: Callable[..., Mandate]) -> None:
    case = waiting(1)

    with pytest.raises(NotFound):
        say(mandate=lines_of(case)[0].mandate, by=customer_actor(make_customer()), now=now())


# --- holds ------------------------------------------------------------------------------------------------------------


def with_biller(**fields: object) -> Case:
    card = make_renewed()
    make_mandate(card, make_biller("Example Energy", **fields), reference="C-77")
    case = open_update(card)
    settle(case)
    return case


def sent() -> list[dict[str, object]]:
    return [json.loads(one.body) for one in Delivery.objects.order_by("made_at", "key")]


def test_a_biller_with_a_system_is_asked_to_wait_and_told_when_it_is_over() -> None:
    case = with_biller(reach=Reach.WEBHOOK, endpoint=make_endpoint())
    due = (now() + timedelta(days=9)).date()
    line = lines_of(case)[0]
    assert line.hold_until == (now() + timedelta(days=16)).date()

    tick(case, 0)

    asked, lifted = sent()
    assert (asked["type"], lifted["type"]) == ("dunning.hold", "dunning.hold_lifted")
    assert asked["data"] == {
        "line": str(line.public_id),
        "reference": "C-77",
        "old_last_four": update_of(case).card.replaces.last_four,  # type: ignore[union-attr]
        "last_debit": "",
        "next_debit": due.isoformat(),
        "number": 1,
        "until": line.hold_until.isoformat(),
    }
    assert (lifted["data"]["moved"], lifted["data"]["number"]) == (True, 2)  # type: ignore[index]


def test_a_hold_is_renewed_while_it_helps_and_not_past_the_debit_and_its_grace() -> None:
    case = with_biller(reach=Reach.WEBHOOK, endpoint=make_endpoint())
    for days in (0, 6, 12, 18, 40):
        with changing(case.id) as locked:
            settling.renew_holds(locked, by=system(), now=now() + timedelta(days=days))

    assert [one["data"]["until"] for one in sent()] == [  # type: ignore[index]
        (now() + timedelta(days=16)).date().isoformat(),
        (now() + timedelta(days=22)).date().isoformat(),
        (now() + timedelta(days=23)).date().isoformat(),
    ]


def test_where_the_next_debit_is_not_known_a_hold_is_asked_for_once() -> None:
    case = with_biller(reach=Reach.WEBHOOK, endpoint=make_endpoint())
    Mandate.objects.update(next_debit=None)
    Line.objects.update(hold_until=None, holds=0)
    Delivery.objects.all().delete()
    for days in (0, 6):
        with changing(case.id) as locked:
            settling.renew_holds(locked, by=system(), now=now() + timedelta(days=days))

    assert [one["data"]["number"] for one in sent()] == [1]  # type: ignore[index]


def test_at_the_end_every_hold_is_lifted_and_what_is_left_is_counted() -> None:
    case = with_biller(reach=Reach.WEBHOOK, endpoint=make_endpoint())
    with changing(case.id) as locked:
        summed = settling.sum_up(locked, by=system(), now=now())

    assert (summed.moved, summed.left) == (0, 1)
    asked, lifted = sent()
    assert (asked["type"], lifted["type"]) == ("dunning.hold", "dunning.hold_lifted")
    assert lifted["data"]["moved"] is False  # type: ignore[index]
    assert lines_of(case)[0].mandate.state == MandateState.LIVE


def test_a_system_that_is_switched_off_holds_nobody_up() -> None:
    endpoint = make_endpoint()
    endpoint.active, endpoint.off_since = False, now()
    endpoint.save()

    case = with_biller(reach=Reach.WEBHOOK, endpoint=endpoint)

    assert (lines_of(case)[0].hold_until, Delivery.objects.count()) == (None, 0)


def test_a_biller_that_is_written_to_can_check_that_the_letter_is_ours() -> None:
    case = with_biller(reach=Reach.LETTER, address="Example Street 1\n1000 AA Example")
    line = Line.objects.select_related("letter", "update__card").get(update_id=case.id)
    assert line.letter is not None
    assert (line.letter_state, Contact.objects.get().customer) == (LetterState.WAITS, None)

    text = holds._words(line, "autopay_update/frame_biller.txt", line.letter.reference)

    for told in ("Example Energy", "C-77", line.letter.reference, "send no reminder"):
        assert told in text


def test_a_letter_that_is_no_longer_needed_does_not_leave() -> None:
    case = with_biller(reach=Reach.MAIL, mail="bills@energy.example")

    tick(case, 0)

    assert lines_of(case)[0].letter_state == LetterState.NONE


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ([1200, 1550, "eur"], "between 12.00 and 15.50 EUR"),
        ([1200, 1200, "eur"], "12.00 EUR"),
        ([5000, 5000, "jpy"], "5,000 JPY"),
        ([1, 2, "xau"], ""),
        (None, ""),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(stored: Any, shown: str) -> None:
    assert records.amounts(Mandate(amounts=stored)) == shown
