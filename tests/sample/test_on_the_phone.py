"""A process that staff open for a customer only with the code that a caller reads out."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from backoffice.actors import CALLER_CODE
from backoffice.calls.opening import on_the_phone
from backoffice.cases import opening
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.refusals import Forbidden
from tests.api.conftest import Api
from tests.catalogue import installed
from tests.factories import actor, make_customer, make_staff
from tests.playing import customer_actor
from tests.sample.conftest import OPENING
from tests.sample.process import PROCESS

pytestmark = pytest.mark.django_db
NAME = PROCESS.name


@pytest.fixture(autouse=True)
def _registered() -> Iterator[None]:
    """The sample, as it would be if it needed a code."""
    assert PROCESS.opening is not None
    how = dataclasses.replace(PROCESS.opening, on_the_phone="Hand over my locker", needs_phone_code=True)
    with installed(dataclasses.replace(PROCESS, opening=how)):
        yield


def test_staff_without_a_code_are_refused_on_every_face(holder: Customer) -> None:
    agent = make_staff()
    told = {"process": NAME, "key": "k1", "customer": str(holder.public_id), **OPENING, "locker": 12}

    with pytest.raises(Forbidden, match="only from the call console") as found:
        opening.open_by_form(process=NAME, by=actor(agent), key="k", data=OPENING, customer=holder)
    with pytest.raises(Forbidden, match="only from the call console"):
        opening.open_case(process=NAME, by=actor(agent), key="k", content=OPENING, customer=holder)
    by_api = Api(agent).post("cases", told)

    assert (found.value.code, by_api.status_code) == ("needs_phone_code", 403)
    assert "call console" in by_api.content.decode()
    assert not Case.objects.exists()


def test_customers_open_it_themselves_and_the_console_for_a_caller(holder: Customer) -> None:
    agent, other = actor(make_staff()), make_customer()
    with_code = agent.with_proof(agent.level, CALLER_CODE)

    opening.open_by_form(process=NAME, by=customer_actor(holder), key="k1", data=OPENING, customer=holder)
    opening.open_by_form(process=NAME, by=with_code, key="k2", data=OPENING, customer=other)

    assert Case.objects.count() == 2
    assert NAME in [process.name for process in on_the_phone(agent)]


def test_the_proof_of_a_caller_is_no_right_of_its_own(holder: Customer) -> None:
    stranger = customer_actor(make_customer(), proof=CALLER_CODE)

    with pytest.raises(Exception, match="no such customer"):
        opening.open_by_form(process=NAME, by=stranger, key="k", data=OPENING, customer=holder)


def test_it_must_say_what_its_code_is_for() -> None:
    assert PROCESS.opening is not None
    with pytest.raises(ValueError, match="does not say what the code is for"):
        dataclasses.replace(PROCESS.opening, needs_phone_code=True)
