"""Payments that we did not know: in the card's payments, and in what the card network names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backoffice.actors import system
from backoffice.cards.autopay import answers, files, mandates
from backoffice.cards.autopay.inventory import Recurring, recurring
from backoffice.cards.autopay.models import Line, Mandate
from backoffice.cards.models import Card
from backoffice.cards.ports import CardPayment
from backoffice.cases.models import Alarm, Case, Event
from tests.cards.autopay.updating import (
    UPDATER,
    lines_of,
    make_biller,
    make_mandate,
    make_renewed,
    now,
    open_update,
    states,
    update_of,
)
from tests.factories import make_card
from tests.playing import customer_actor

TODAY = datetime(2026, 11, 29, 12, tzinfo=UTC)


def find(case: Case, *told: tuple[str, str], on: Card | None = None, number: int = 1) -> answers.Taken:
    """A response with finds: the biller's number at the network and the answer of each, called "Example Gym"."""
    card = on or update_of(case).card.replaces
    assert card is not None
    finds = [files.Find(card.issuer_token, biller, "Example Gym", code) for biller, code in told]
    response = files.Response(update_of(case).batch, number, now(), [], finds)
    return answers.take(response=files.read_response(files.write_response(response)), by=UPDATER, now=now())


# --- by the card network ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(("code", "state", "is_new"), [("A", "moved", True), ("N", "to_do", False)])
def test_a_payment_that_only_the_network_knows_is_in_the_register_and_on_the_list(
    code: str, state: str, is_new: bool
) -> None:
    card = make_renewed()
    case = open_update(card, lines_=1)

    taken = find(case, ("NEWGYM1", code))

    mandate = Mandate.objects.get(biller__network_id="NEWGYM1")
    assert (taken.found, taken.apart, states(case)) == (1, {}, ["asked", state])
    assert (mandate.found_from, mandate.card) == ("network", card if is_new else card.replaces)
    assert Event.objects.filter(case=case, kind="autopay.found").count() == 1
    assert (find(case, ("NEWGYM1", code), number=2).found, Mandate.objects.count()) == (0, 2)
    assert Alarm.objects.count() == 0


@pytest.mark.django_db
def test_a_payment_that_the_customer_had_added_is_the_same_one_and_is_moved() -> None:
    card = make_renewed()
    by = customer_actor(card.customer)
    assert card.replaces is not None
    ours = mandates.add(customer=card.customer, card=card.replaces, biller="example gym", by=by, now=now())
    case = open_update(card)

    taken = find(case, ("NEWGYM1", "A"))

    ours.refresh_from_db()
    assert (taken.found, states(case), Mandate.objects.count()) == (1, ["moved"], 1)
    assert (ours.biller.network_id, ours.biller.only_for, ours.card) == ("NEWGYM1", None, card)


@pytest.mark.django_db
def test_what_the_customer_called_over_stays_so_whatever_the_network_names() -> None:
    card = make_renewed()
    mandate = make_mandate(card, make_biller("Example Gym", network_id="NEWGYM1"))
    case = open_update(card)
    mandates.say_over(mandate=mandate, by=customer_actor(card.customer), now=now())

    assert find(case, ("NEWGYM1", "A")).found == 0
    assert states(case) == ["over"]


@pytest.mark.django_db
def test_a_company_that_the_network_does_not_name_is_called_by_its_number() -> None:
    assert mandates.biller_called("NEWGYM1", "").name == "NEWGYM1"


@pytest.mark.django_db
def test_a_find_about_another_customers_card_is_kept_apart() -> None:
    case, other = open_update(make_renewed(), lines_=1), make_renewed()

    taken = find(case, ("NEWGYM1", "A"), on=other.replaces)

    assert (taken.apart, Mandate.objects.count()) == ({"find 1": "unknown_card"}, 1)
    assert Alarm.objects.get().told["fields"] == {"find 1": ["This find is about a card that the batch has not."]}
    assert find(case, ("NEWGYM1", "Z"), number=2).apart == {"find 1": "unknown_answer"}


# --- in the card's payments -------------------------------------------------------------------------------------------


def paid(*days_ago: int, merchant: str = "Example Energy") -> list[CardPayment]:
    return [
        CardPayment(merchant, "NET1", "4900", 4000 + days, "eur", TODAY - timedelta(days=days)) for days in days_ago
    ]


@pytest.mark.parametrize("days_ago", [(50, 80, 110), (25, 32, 39)])
def test_what_was_declined_since_the_card_was_blocked_does_not_hide_a_payment(days_ago: tuple[int, ...]) -> None:
    """A new card takes weeks: a weekly payment, or a monthly one that was due meanwhile, still recurs."""
    stopped = TODAY - timedelta(days=20)

    assert recurring(paid(*days_ago), now=TODAY) == []
    [found] = recurring(paid(*days_ago), now=TODAY, stopped=stopped)
    assert found.next >= TODAY.date()
    assert recurring(paid(*(days + 60 for days in days_ago)), now=TODAY, stopped=stopped) == []


def test_payments_on_a_card_and_the_one_before_it_are_one_row() -> None:
    [found] = recurring([*paid(10), *paid(40)], now=TODAY)

    assert (found.low, found.high, found.latest) == (4010, 4040, paid(10)[0])


def recurs(last: datetime) -> Recurring:
    return Recurring("Example Gym", "NET1", "sport", 100, 100, "eur", last.date(), (last + timedelta(30)).date())


@pytest.mark.django_db
def test_only_a_debit_after_it_was_called_over_shows_that_it_goes_on() -> None:
    card = make_card()
    told = {"card": card, "cards": [card], "by": system()}
    made = mandates.found_in_payments(found=recurs(now() - timedelta(days=40)), **told)  # type: ignore[arg-type]
    mandates.say_over(mandate=made, by=customer_actor(card.customer), now=now() - timedelta(days=5))

    before = mandates.found_in_payments(found=recurs(now() - timedelta(days=10)), **told)  # type: ignore[arg-type]
    assert (before.pk, before.state) == (made.pk, "over")
    after = mandates.found_in_payments(found=recurs(now() - timedelta(days=1)), **told)  # type: ignore[arg-type]
    assert (after.pk, after.state) == (made.pk, "live")


@pytest.mark.django_db
def test_the_newest_card_that_was_debited_is_the_one_that_the_company_has() -> None:
    oldest = make_card()
    old = make_card(customer=oldest.customer, replaces=oldest)
    new = make_card(customer=oldest.customer, replaces=old)
    cards = [new, old, oldest]
    for card, days in ((oldest, 90), (old, 3), (oldest, 60)):
        found = recurs(now() - timedelta(days=days))
        mandates.found_in_payments(card=card, cards=cards, found=found, by=system())

    mandate = Mandate.objects.get()
    assert (mandate.card, mandate.last_debit) == (old, (now() - timedelta(days=3)).date())


@pytest.mark.django_db
def test_the_network_is_asked_about_the_number_that_the_company_has_in_each_try() -> None:
    from backoffice.cards.autopay.calls import request_of

    oldest = make_card()
    old = make_card(customer=oldest.customer, replaces=oldest)
    new = make_card(customer=oldest.customer, replaces=old)
    make_mandate(new, on=oldest)
    case = open_update(new)
    first = request_of(update_of(case), made_at=TODAY)

    Mandate.objects.update(card=new)

    assert [line.old_card for line in first.lines] == [oldest.issuer_token]
    assert request_of(update_of(case), made_at=TODAY) == first
    assert Line.objects.get(pk=lines_of(case)[0].pk).had == oldest
