"""The sample process, installed for the tests of this folder, and people who play it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django.core.cache import cache

from backoffice.cases import opening
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from tests.catalogue import installed
from tests.factories import make_customer
from tests.playing import customer_actor
from tests.sample.process import PROCESS

OPENING = {
    "locker": "12",
    "why": "moving",
    "given_name": "Ewa",
    "family_name": "Nowak",
    "mail": "ewa.nowak@example.org",
}
"""What opens a case, on every face."""


@pytest.fixture(autouse=True)
def _registered() -> Iterator[None]:
    with installed(PROCESS):
        yield


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def holder(db: None) -> Customer:
    return make_customer()


@pytest.fixture
def case(holder: Customer) -> Case:
    return open_handover(holder)


def open_handover(holder: Customer) -> Case:
    """Just opened by its customer; nothing was done by its process yet."""
    case, _new = opening.open_by_form(
        process=PROCESS.name,
        customer=holder,
        by=customer_actor(holder),
        key=str(uuid.uuid4()),
        data=OPENING,
    )
    return case
