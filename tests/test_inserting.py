from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from backoffice.cards.models import Card, IssuerNotice
from backoffice.statements import insert_new
from tests.factories import make_card


def notice(card: Card, *, shipping: str = "shipped") -> IssuerNotice:
    return IssuerNotice(
        event_id="e1", card=card, at=datetime.now(UTC), sequence_at=1, sequence_step=2, shipping=shipping
    )


@pytest.mark.django_db
def test_the_first_row_is_kept_and_the_second_is_known_in_one_statement_each() -> None:
    card = make_card()

    with CaptureQueriesContext(connection) as captured:
        first = insert_new(notice(card), unique="event_id")
        second = insert_new(notice(card, shipping="lost"), unique="event_id")

    assert (first, second, len(captured)) == (True, False, 2)
    kept = IssuerNotice.objects.get()
    assert (kept.card, kept.sequence_at, kept.sequence_step, kept.shipping) == (card, 1, 2, "shipped")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("committed", [True, False])
def test_of_two_at_once_the_second_waits_for_what_comes_of_the_first(committed: bool) -> None:
    card = make_card()
    second: list[bool] = []

    def insert() -> None:
        second.append(insert_new(notice(card), unique="event_id"))
        connection.close()

    other = threading.Thread(target=insert)
    with transaction.atomic():
        first = insert_new(notice(card), unique="event_id")
        other.start()
        other.join(timeout=0.3)
        waited = other.is_alive()
        transaction.set_rollback(not committed)
    other.join()

    assert (first, waited, second) == (True, True, [not committed])
    assert IssuerNotice.objects.count() == 1
