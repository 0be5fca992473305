from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.actors import system
from backoffice.cards.models import Card, CardState, IssuerNotice
from backoffice.cases.models import CallRecord, Case
from backoffice.cases.unit_of_work import changing, unit_of_work
from backoffice.messages.models import Message
from backoffice.messages.telling import tell
from backoffice.statements import insert, update
from backoffice.trust.models import Contact
from tests.factories import make_card
from tests.playing import open_card_case


@pytest.fixture
def card(db: None) -> Card:
    return make_card(state=CardState.ACTIVE, brand="VISA")


@pytest.fixture
def case(card: Card) -> Case:
    return open_card_case(card)


@pytest.fixture
def asked() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as captured:
        yield captured


def notice(card: Card, event_id: str = "e1") -> IssuerNotice:
    return IssuerNotice(event_id=event_id, card=card, at=timezone.now(), sequence_at=1, sequence_step=1)


def block(card: Card) -> None:
    card.state = CardState.BLOCKED
    update(card, ("state",))


def writes(asked: CaptureQueriesContext) -> list[str]:
    return [query["sql"] for query in asked if query["sql"].startswith(("INSERT", "UPDATE", "WITH"))]


def test_all_writes_of_a_unit_go_with_its_case(case: Case, card: Card, asked: CaptureQueriesContext) -> None:
    with changing(case.id) as locked:
        locked.stage = "survey"
        insert([notice(card)])
        insert([CallRecord(case=case, key="k", begun_at=timezone.now(), answer=None)])
        block(card)
        tell(
            customer=card.customer, case_id=case.id, case_reference=case.reference, template="card_blocked",
            context={}, channels=("mail", "sms"), by=system(), now=timezone.now(),
        )  # fmt: skip
        assert writes(asked)[2:] == []

    assert len(writes(asked)) == 1
    assert IssuerNotice.objects.get().event_id == "e1"
    assert CallRecord.objects.get().answer is None
    assert Card.objects.get(id=card.id).state == CardState.BLOCKED
    assert sorted(Message.objects.values_list("contact__channel", flat=True)) == ["mail", "sms"]


def test_writes_of_a_unit_that_changes_no_case_are_written_too(card: Card, asked: CaptureQueriesContext) -> None:
    with unit_of_work():
        insert([notice(card)])
        block(card)

    assert len(writes(asked)) == 1
    assert IssuerNotice.objects.exists()
    assert Card.objects.get(id=card.id).state == CardState.BLOCKED


def test_who_reads_within_the_unit_sees_what_was_written_before(card: Card) -> None:
    with unit_of_work():
        block(card)
        insert([notice(card)])

        assert Card.objects.get(id=card.id).state == CardState.BLOCKED
        assert IssuerNotice.objects.filter(card=card).count() == 1


def test_reading_another_table_writes_nothing_yet(card: Card, case: Case, asked: CaptureQueriesContext) -> None:
    with unit_of_work():
        insert([notice(card)])
        before = len(writes(asked))

        assert not CallRecord.objects.filter(case=case).exists()

        assert len(writes(asked)) == before


def test_a_savepoint_keeps_what_came_before_it_and_its_rollback_drops_what_came_after(card: Card) -> None:
    def fail() -> None:
        with transaction.atomic():
            insert([notice(card, "after")])
            raise KeyError

    with unit_of_work():
        insert([notice(card, "before")])
        with pytest.raises(KeyError):
            fail()
        insert([notice(card, "last")])

    assert set(IssuerNotice.objects.values_list("event_id", flat=True)) == {"before", "last"}


def fail_after_a_write(card: Card) -> None:
    with unit_of_work():
        insert([notice(card)])
        raise KeyError


def test_a_unit_that_fails_writes_nothing_and_leaves_nothing_to_the_next(card: Card) -> None:
    with pytest.raises(KeyError):
        fail_after_a_write(card)

    with unit_of_work():
        block(card)

    assert not IssuerNotice.objects.exists()
    assert Card.objects.get(id=card.id).state == CardState.BLOCKED


def test_of_two_objects_that_are_the_same_row_the_later_change_holds(card: Card) -> None:
    again = Card.objects.get(id=card.id)
    with unit_of_work():
        card.state, card.brand = CardState.BLOCKED, "MASTERCARD"
        update(card, ("state", "brand"))
        again.state = CardState.CLOSED
        update(again, ("state",))

    card.refresh_from_db()
    assert (card.state, card.brand) == (CardState.CLOSED, "MASTERCARD")


def test_a_row_that_waits_to_be_inserted_is_inserted_as_it_was_changed_last(
    case: Case, asked: CaptureQueriesContext
) -> None:
    before = len(writes(asked))
    with unit_of_work():
        row = CallRecord(case=case, key="k", begun_at=timezone.now())
        insert([row])
        row.answer, row.key = {"ok": True}, "never said"
        update(row, ("answer",))

    assert len(writes(asked)) == before + 1
    assert CallRecord.objects.values_list("key", "answer").get() == ("k", {"ok": True})


def test_a_row_whose_key_was_not_read_back_is_not_updated(case: Case) -> None:
    with unit_of_work():
        row = CallRecord(case=case, key="k", begun_at=timezone.now())
        insert([row])
        assert CallRecord.objects.filter(case=case).exists()

        with pytest.raises(ValueError, match="read it again"):
            update(row, ("answer",))


def test_rows_of_one_model_may_come_alone_and_with_those_that_point_to_them(card: Card) -> None:
    alone = Contact(customer=card.customer, channel="mail", purpose="alone", at=timezone.now())
    with unit_of_work():
        insert([alone])
        tell(
            customer=card.customer, case_id=None, case_reference="", template="card_blocked", context={},
            channels=("mail",), by=system(), now=timezone.now(),
        )  # fmt: skip

    assert sorted(Contact.objects.values_list("purpose", flat=True)) == ["alone", "card_blocked"]
    assert Message.objects.get().contact.purpose == "card_blocked"


def test_what_changes_after_it_was_said_is_not_written(card: Card) -> None:
    with unit_of_work():
        block(card)
        card.state = CardState.CLOSED

    assert Card.objects.get(id=card.id).state == CardState.BLOCKED
