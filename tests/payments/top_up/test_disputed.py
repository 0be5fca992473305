"""A bank disputes a top-up: the balance follows the money, the customer is told, and a supervisor sees to it."""

from __future__ import annotations

import itertools

import pytest
from django.urls import reverse
from django.utils import timezone

from backoffice.cases.models import Alarm, Case
from backoffice.money import Money
from backoffice.payments.ledger.verifying import verify
from backoffice.payments.provider import taking
from backoffice.payments.provider.events import Dispute, DisputeStatus, EventKind, ProviderEvent
from backoffice.payments.top_up import calls, disputes, words
from backoffice.trust.models import Contact
from tests.devstack.payment_simulator.simulator import Payments
from tests.payments.top_up.calling_us import agreed, noted, top_up_of, waiting
from tests.payments.top_up.test_taking import authorise, balance, done, keep
from tests.playing import advance, close, outside_actor
from tests.portal.conftest import Person, make_person

pytestmark = pytest.mark.django_db
NEEDS, WON, LOST = DisputeStatus.NEEDS_ANSWER, DisputeStatus.WON, DisputeStatus.LOST
_ids = itertools.count(1)


@pytest.fixture
def maria() -> Person:
    return make_person()


@pytest.fixture
def case(maria: Person, payments: Payments) -> Case:
    """25.00 EUR are on the balance, and the case is over."""
    case = waiting(maria.customer)
    agreed(case, keep(payments, case), token=payments.security_code())
    authorise(case)
    done(calls.capture, case)
    advance(case, stage="added")
    close(case)
    case.refresh_from_db()
    return case


def told(
    case: Case, kind: EventKind, status: DisputeStatus | None = None, *, amount: int = 25_00, id: str = ""
) -> bool:
    event = ProviderEvent(
        id=id or f"evt_{next(_ids)}",
        kind=kind,
        payment=top_up_of(case).provider_payment,
        key="",
        amount=amount,
        currency="EUR",
        created=timezone.now(),
        dispute=Dispute("dp_1", status, "fraudulent", amount, None) if status else None,
    )
    return taking.take(event=event, by=outside_actor(), now=timezone.now())


def messages(case: Case) -> list[str]:
    found = Contact.objects.filter(case_id=case.id, purpose__startswith="top_up.top_up_").order_by("pk")
    return [one.removeprefix("top_up.") for one in found.values_list("purpose", flat=True)]


def alarms() -> list[str]:
    return list(Alarm.objects.order_by("pk").values_list("code", flat=True))


def test_what_the_bank_took_back_is_off_the_balance_and_everybody_is_told(case: Case, maria: Person) -> None:
    assert balance(case) == Money(25_00, "EUR")

    assert told(case, EventKind.DISPUTED, NEEDS)

    assert balance(case) == Money(0, "EUR")
    assert noted(case)[-2:] == ["top_up.disputed", "top_up.taken_back"]
    assert (messages(case), alarms()) == (["top_up_disputed"], [disputes.DISPUTED])
    page = maria.client.get(reverse("portal:case", args=[case.reference])).content.decode()
    assert "25.00 EUR is not on your balance any more" in page
    assert "Your bank took it back" in page
    assert "it waits for our answer" in dict(words.desk_panel(case)[1]["lines"])["Dispute of the bank"].lower()
    assert verify().wrong == []


def test_a_bank_that_decides_against_its_customer_gives_it_to_us_again(case: Case) -> None:
    told(case, EventKind.DISPUTED, NEEDS)
    told(case, EventKind.DISPUTE_CLOSED, WON)

    assert balance(case) == Money(25_00, "EUR")
    assert messages(case) == ["top_up_disputed", "top_up_restored"]
    assert words.headline(case).lead == "The money is on your balance."
    assert verify().wrong == []


def test_a_bank_that_decides_for_its_customer_takes_it_once(case: Case) -> None:
    told(case, EventKind.DISPUTED, NEEDS)
    told(case, EventKind.DISPUTE_CLOSED, LOST)

    assert balance(case) == Money(0, "EUR")
    assert (messages(case), alarms()) == (["top_up_disputed"], [disputes.DISPUTED])


def test_events_that_come_twice_late_or_in_another_order_change_nothing(case: Case) -> None:
    told(case, EventKind.DISPUTE_CLOSED, LOST, id="evt_lost")
    told(case, EventKind.DISPUTE_CLOSED, LOST, id="evt_lost")
    told(case, EventKind.DISPUTED, NEEDS)
    told(case, EventKind.DISPUTE_CHANGED, DisputeStatus.UNDER_REVIEW)

    assert (balance(case), top_up_of(case).dispute_state) == (Money(0, "EUR"), "lost")
    assert (messages(case), len(alarms())) == (["top_up_disputed"], 1)


def test_a_dispute_that_was_won_before_we_heard_of_it_moves_nothing(case: Case) -> None:
    told(case, EventKind.DISPUTE_CLOSED, WON)
    told(case, EventKind.DISPUTED, NEEDS)

    assert (balance(case), messages(case), alarms()) == (Money(25_00, "EUR"), [], [])


def test_what_the_provider_gave_back_without_us_is_off_the_balance_at_most_once(case: Case) -> None:
    told(case, EventKind.REFUNDED, amount=10_00)
    assert balance(case) == Money(15_00, "EUR")
    told(case, EventKind.REFUNDED, amount=25_00)
    told(case, EventKind.DISPUTED, NEEDS)

    assert (balance(case), top_up_of(case).taken_back) == (Money(0, "EUR"), 25_00)
    assert alarms() == [disputes.GIVEN_BACK, disputes.GIVEN_BACK, disputes.DISPUTED]
    assert verify().wrong == []


def test_an_event_of_another_payment_is_not_taken(case: Case) -> None:
    event = ProviderEvent("evt_x", EventKind.DISPUTED, "pi_other", "", 1, "EUR", timezone.now())

    assert not disputes.reported(event, outside_actor(), timezone.now())
