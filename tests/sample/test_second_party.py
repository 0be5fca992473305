"""The second party of the sample process: invited by its opening, and alone to answer what it is asked."""

from __future__ import annotations

import uuid

import pytest

from backoffice.actors import Level
from backoffice.cases import answering, opening, parties
from backoffice.cases.models import Case, ItemState, WorkItem
from backoffice.customers.models import Customer
from backoffice.messages.models import Message
from backoffice.refusals import Invalid, NotFound
from tests.factories import make_customer
from tests.playing import ask, customer_actor
from tests.sample.conftest import OPENING
from tests.sample.process import PROCESS

pytestmark = pytest.mark.django_db


def opened_for(holder: Customer, *, mail: str) -> Case:
    by, data = customer_actor(holder), {**OPENING, "mail": mail}
    case, _new = opening.open_by_form(process=PROCESS.name, customer=holder, by=by, key=str(uuid.uuid4()), data=data)
    return case


@pytest.fixture
def ewa() -> Customer:
    """Has an account."""
    return make_customer()


@pytest.fixture
def item(holder: Customer, ewa: Customer) -> WorkItem:
    case = opened_for(holder, mail=ewa.contact_points.get(kind="mail").value)
    return ask(case, "take_over", stage="agreed")


def test_somebody_without_an_account_is_invited_with_a_code(case: Case) -> None:
    (party,) = parties.of_case(case).values()

    assert (party.role, party.customer.user) == ("new_holder", None)
    assert Message.objects.filter(template="party_invited", contact__customer=party.customer).exists()


def test_the_holder_is_no_second_party_to_themselves(holder: Customer) -> None:
    with pytest.raises(Invalid) as refused:
        opened_for(holder, mail=holder.contact_points.get(kind="mail").value)

    assert set(refused.value.errors) == {"mail"}
    assert not Case.objects.exists()


def test_the_new_holder_answers(item: WorkItem, ewa: Customer) -> None:
    by = customer_actor(ewa, level=Level.CONFIRMED)

    answering.answer(item_id=item.id, by=by, data={"decision": "agreed"})

    item.refresh_from_db()
    assert (item.state, item.outcome) == (ItemState.ANSWERED, "agreed")


def test_the_holder_does_not_answer_for_the_new_one(item: WorkItem, holder: Customer) -> None:
    with pytest.raises(NotFound):
        answering.answer(item_id=item.id, by=customer_actor(holder, level=Level.CONFIRMED), data={"decision": "agreed"})
