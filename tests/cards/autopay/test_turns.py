"""What comes between: an end before the time, a new card that is lost too, a mistake, a message that did not arrive."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.actors import system
from backoffice.cards.autopay import calls, desk, lines, mandates, opening, settling, ticking, told, words
from backoffice.cards.autopay.models import LetterState, Mandate, Reach
from backoffice.cards.autopay.told import Told
from backoffice.cards.models import Card, CardReissue, CardState, Reason
from backoffice.cases.closing import close_case
from backoffice.cases.models import Case
from backoffice.cases.opening import open_case
from backoffice.cases.unit_of_work import changing
from backoffice.refusals import Conflict
from backoffice.webhooks.models import Delivery, DeliveryState
from tests.cards.autopay.updating import (
    UPDATER,
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
from tests.factories import make_card
from tests.playing import ask, customer_actor, open_card_case
from workflows.base.contracts import Close
from workflows.base.spec import Nothing

pytestmark = pytest.mark.django_db


def close(case: Case, result: str = "done") -> None:
    with changing(case.id) as locked:
        close_case(locked, close=Close(result, "", {}, {}), by=system(), now=now())
    case.refresh_from_db()


def sum_up(case: Case) -> None:
    with changing(case.id) as locked:
        settling.sum_up(locked, by=system(), now=now())
    close(case)


def tick(case: Case, how: ticking.How = ticking.How.MOVED) -> str:
    by = customer_actor(case.customer)
    return ticking.tick(line_id=lines_of(case)[0].public_id, how=how, by=by, now=now()).state


def page_of(case: Case) -> str:
    client = Client()
    assert case.customer.user is not None
    client.force_login(case.customer.user, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(reverse("portal:autopay_update:list", args=[case.reference])).content.decode()


# --- the end ----------------------------------------------------------------------------------------------------------


def test_who_stops_it_while_the_network_is_asked_reads_what_has_the_old_number() -> None:
    case = open_update(make_renewed(), lines_=2)
    answer(case, "N")
    assert words.shown_in_messages(case, "update_ended")["left"] == "2"

    close(case, "withdrawn")

    page = page_of(case)
    assert states(case) == ["left", "left"]
    assert "Still have the old number" in page
    assert "We wait for an answer" not in page
    assert "wait for you" not in words.headline(case).lead


@pytest.mark.parametrize("by_whom", ["customer", "biller"])
def test_what_was_left_can_be_ticked_off_later_too(by_whom: str) -> None:
    card = make_renewed()
    biller = make_biller("Example Gas")
    make_mandate(card, biller)
    case = open_update(card)
    settle(case)
    sum_up(case)
    assert "I have given them the new card" in page_of(case)
    with pytest.raises(Conflict):
        tick(case, ticking.How.OVER)

    if by_whom == "customer":
        tick(case)
    else:
        assert ticking.confirmed(biller=biller, line_id=lines_of(case)[0].public_id, by=UPDATER, now=now())

    assert (states(case), Mandate.objects.get().card) == (["moved"], card)
    assert signals(case) == []


def test_what_was_left_and_is_over_since_then_is_moved_by_nobody() -> None:
    case = open_update(make_renewed(), lines_=1)
    settle(case)
    sum_up(case)
    mandates.say_over(mandate=lines_of(case)[0].mandate, by=customer_actor(case.customer), now=now())

    assert "I have given them the new card" not in page_of(case)
    with pytest.raises(Conflict):
        tick(case)


def test_a_card_has_one_update_at_a_time() -> None:
    card = make_renewed()
    case = open_update(card)

    with pytest.raises(Conflict, match=case.reference):
        open_update(card)


def test_a_reissue_does_not_wait_for_an_update_that_its_customer_opened_first() -> None:
    reissue = open_card_case(make_card())
    new = make_card(customer=reissue.customer, replaces=CardReissue.objects.get(case=reissue).card)
    CardReissue.objects.filter(case=reissue).update(new_card=new)
    make_mandate(new)
    own = open_update(new)

    with changing(reissue.id) as parent:
        child, _new = open_case(
            process="autopay_update",
            customer=reissue.customer,
            by=system(),
            key=f"{reissue.id}:autopay_update",
            content={},
            parent=parent,
            now=now(),
        )

    assert [update_of(case).live for case in (own, child)] == [True, False]
    record = calls.take_inventory(case=child, args=Nothing(), key="k", asked_at=now(), now=now())
    assert record(child, now()).lines == 0
    close(child)
    assert own.reference in words.headline(child).lead
    assert states(own) == ["asked"]


# --- a new card that is lost, too -------------------------------------------------------------------------------------


def test_where_the_new_card_is_closed_too_nobody_is_told_to_give_it_to_anybody() -> None:
    card = make_renewed()
    case = open_update(card, lines_=2)
    answer(case, "N")
    settle(case)
    card.state = CardState.BLOCKED
    card.save()
    assert "Give its number to nobody" in page_of(case)
    assert words.shown_in_messages(case, "list_reminder")["blocked"] == "yes"

    card.state = CardState.CLOSED
    card.save()
    with changing(case.id) as locked:
        left = settling.renew_holds(locked, by=system(), now=now())

    assert (left.lines, states(case)) == (0, ["left", "left"])
    close(case)
    with pytest.raises(Conflict):
        tick(case)


def test_the_update_of_the_next_card_takes_over_from_that_of_the_one_before() -> None:
    second = make_renewed()
    case = open_update(second, lines_=1)
    settle(case)
    third = make_card(customer=second.customer, replaces=second)
    Card.objects.filter(pk=second.pk).update(state=CardState.CLOSED)

    for _again in range(2):
        settling.give_way(update_of(case), now=now())
    after = open_update(third)

    assert (states(case), signals(case), states(after)) == (["left"], ["nothing_left"], ["asked"])
    assert second.replaces is not None
    mandates.add(
        customer=third.customer,
        card=second.replaces,
        biller="Example Gas",
        by=customer_actor(third.customer),
        now=now(),
    )
    assert (len(lines_of(case)), states(after)) == (1, ["asked", "to_do"])


@pytest.mark.parametrize(("reason", "offered"), [(Reason.STOLEN, True), (Reason.DAMAGED, False)])
def test_a_card_that_kept_its_number_has_nothing_to_move(reason: Reason, offered: bool) -> None:
    case = open_card_case(make_card())
    card = make_card(customer=case.customer, replaces=CardReissue.objects.get(case=case).card)
    CardReissue.objects.filter(case=case).update(new_card=card, reason=reason)

    assert opening.new_ones(card.customer) == ([card] if offered else [])


# --- mistakes and additions -------------------------------------------------------------------------------------------


def test_what_was_called_over_by_mistake_is_moved_as_before() -> None:
    case = open_update(make_renewed(), lines_=2)
    by = customer_actor(case.customer)
    for line in lines_of(case):
        mandates.say_over(mandate=line.mandate, by=by, now=now())
    answer(case, "A")
    assert states(case) == ["over", "over"]

    for line in lines_of(case):
        mandates.say_live(mandate=line.mandate, by=by, now=now())

    assert states(case) == ["moved", "asked"]
    assert list(Mandate.objects.values_list("state", flat=True)) == ["live", "live"]


def test_a_press_that_comes_too_late_is_not_told_to_have_worked() -> None:
    case = open_update(make_renewed(), lines_=1)
    settle(case)
    client = Client()
    assert case.customer.user is not None
    client.force_login(case.customer.user, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("portal:autopay_update:tick", args=[case.reference, lines_of(case)[0].public_id])

    assert "Ticked off." in client.post(address, {"how": "moved"}, follow=True).content.decode()
    assert "settled before" in client.post(address, {"how": "over"}, follow=True).content.decode()


@pytest.mark.parametrize(
    ("reach", "is_asked", "told_of"),
    [(Reach.WEBHOOK, True, []), (Reach.LETTER, True, ["letters_wait"]), (Reach.LETTER, False, [])],
)
def test_the_biller_of_an_added_payment_is_asked_to_wait_too(reach: Reach, is_asked: bool, told_of: list[str]) -> None:
    """Who is written to needs a step of the process, which is told while the customer has the list."""
    case = open_update(make_renewed(), lines_=1)
    settle(case)
    if is_asked:
        ask(case, "move_the_rest")
    biller = make_biller("Example Gas", reach=reach, address="Street 1", endpoint=make_endpoint())
    old = update_of(case).card.replaces
    assert old is not None
    mandates.add(customer=case.customer, card=old, biller=biller.name, by=customer_actor(case.customer), now=now())

    assert Delivery.objects.count() == (1 if reach == Reach.WEBHOOK else 0)
    assert signals(case) == told_of
    with changing(case.id) as locked:
        waiting = settling.renew_holds(locked, by=system(), now=now())
    assert waiting.letters == (1 if reach == Reach.LETTER else 0)
    assert lines_of(case)[1].hold_until is not None


# --- what is told of holds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "active", "on_page", "at_desk"),
    [
        (DeliveryState.WAITING, True, "We are asking them", "message on its way"),
        (DeliveryState.SENT, True, "We have asked them", "asked to wait"),
        (DeliveryState.FAILED, True, "We could not ask them", "message not delivered"),
        (DeliveryState.SET_ASIDE, True, "We could not ask them", "message set aside"),
        (DeliveryState.WAITING, False, "We could not ask them", "messages to it are switched off"),
    ],
)
def test_that_a_company_was_asked_to_wait_is_said_only_when_it_has_the_message(
    state: DeliveryState, active: bool, on_page: str, at_desk: str
) -> None:
    card, endpoint = make_renewed(), make_endpoint()
    make_mandate(card, make_biller("Example Gas", reach=Reach.WEBHOOK, endpoint=endpoint))
    case = open_update(card)
    settle(case)
    Delivery.objects.update(state=state, sent_at=now())
    endpoint.active, endpoint.off_since = active, None if active else now()
    endpoint.save()

    page, shown = page_of(case), desk.panel(case)

    assert shown is not None
    said = {one for one in ("We are asking them", "We have asked them", "We could not ask them") if one in page}
    assert said == {on_page}
    assert [one.told for one in shown[1]["lines"]] == [at_desk]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("reach", "while_it_helps"), [("letter", Told.LETTER_SENT), ("webhook", Told.ASKED)])
def test_a_hold_that_is_over_is_not_shown_as_one(reach: str, while_it_helps: Told) -> None:
    card = make_renewed()
    make_mandate(card, make_biller("Example Gas", reach=reach, address="Street 1", endpoint=make_endpoint()))
    case = open_update(card)
    settle(case)
    Delivery.objects.update(state=DeliveryState.SENT, sent_at=now())
    [line] = lines_of(case)
    line.letter_state = LetterState.SENT if reach == "letter" else LetterState.NONE
    line.save()

    for days, said in ((0, while_it_helps), (30, Told.NO_LONGER_HELPS)):
        assert told.of_lines([line], today=(now() + timedelta(days=days)).date())[line.pk].told is said


def test_after_the_call_no_message_announces_another_one() -> None:
    case = open_update(make_renewed(), lines_=1)
    settle(case)
    assert words.shown_in_messages(case, "list_reminder")["call"] == "yes"

    Case.objects.create(
        reference="ABC-DEF-2", process="call_back", customer=case.customer, parent=case, root=case, opened_at=now()
    )

    assert "call" not in words.shown_in_messages(case, "list_reminder")


def test_the_oldest_number_is_the_one_that_the_company_is_told_of() -> None:
    oldest = make_card(state=CardState.CLOSED)
    old = make_card(customer=oldest.customer, replaces=oldest, state=CardState.CLOSED)
    new = make_card(customer=oldest.customer, replaces=old)
    make_mandate(new, make_biller("Example Gas", reach=Reach.WEBHOOK, endpoint=make_endpoint()), on=oldest)
    case = open_update(new)
    settle(case)
    tick(case)

    bodies = Delivery.objects.values_list("body", flat=True)
    assert [f'"old_last_four":"{oldest.last_four}"' in body for body in bodies] == [True, True]
    assert lines.counts(update_of(case)).moved == 1
