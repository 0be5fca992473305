from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.cards.models import Card, CardReissue, CardState, IssuerNotice
from backoffice.cases.models import Case
from backoffice.statements import Select, insert, insert_new, update
from tests.factories import make_card
from tests.playing import open_card_case

OF_CUSTOMER = Select(
    lambda customer: Card.objects.filter(customer=customer).select_related("replaces").order_by("id"), -1
)


def notice(card: Card, event_id: str) -> IssuerNotice:
    return IssuerNotice(event_id=event_id, card=card, at=timezone.now(), sequence_at=1, sequence_step=1)


@pytest.mark.django_db
def test_a_compiled_select_gives_what_the_queryset_gives_with_its_related_rows() -> None:
    old = make_card()
    new = make_card(customer=old.customer, replaces=old)
    make_card()

    found = OF_CUSTOMER(old.customer_id)

    assert found == [old, new]
    with CaptureQueriesContext(connection) as asked:
        assert [card.replaces for card in found] == [None, old]
    assert len(asked) == 0
    assert OF_CUSTOMER(make_card().customer_id) != found


@pytest.mark.django_db
def test_a_compiled_select_reads_sealed_and_json_columns_as_the_model_does() -> None:
    case = open_card_case(make_card(), payments=[{"id": "p1", "amount": "12.50"}])

    read = Select(lambda case_id: CardReissue.objects.filter(case_id=case_id), uuid.UUID(int=1)).first(case.id)

    assert read is not None
    assert read.payments == [{"id": "p1", "amount": "12.50"}]
    assert Select(lambda key: Case.objects.filter(id=key), uuid.UUID(int=1))(case.id)[0].applied_result == {}


@pytest.mark.django_db
def test_a_stand_in_that_the_statement_does_not_use_is_refused() -> None:
    with pytest.raises(ValueError, match="stand-in"):
        Select(lambda _number: Card.objects.all(), -1)(5)


@pytest.mark.django_db
def test_an_update_writes_the_named_fields_only() -> None:
    card = make_card(state=CardState.ACTIVE, brand="VISA")
    card.state, card.brand = CardState.BLOCKED, "OTHER"

    update(card, ("state",))

    card.refresh_from_db()
    assert (card.state, card.brand) == (CardState.BLOCKED, "VISA")


@pytest.mark.django_db
def test_rows_are_inserted_by_one_statement() -> None:
    card = make_card()

    with CaptureQueriesContext(connection) as asked:
        insert([notice(card, "e1"), notice(card, "e2")])

    assert len(asked) == 1
    assert set(IssuerNotice.objects.values_list("event_id", flat=True)) == {"e1", "e2"}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_insert_the_same_at_once_one_is_told_that_it_is_there() -> None:
    card = make_card()
    together = threading.Barrier(2)

    def one(_number: int) -> bool:
        together.wait(timeout=30)
        try:
            with transaction.atomic():
                return insert_new(notice(card, "e1"), unique="event_id")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        new = sorted(threads.map(one, range(2)))

    assert new == [False, True]
    assert IssuerNotice.objects.count() == 1
