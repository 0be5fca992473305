"""What is read of an order: what counts, for whom, and since when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.cases.models import Case, WorkItem
from backoffice.customers.models import Customer, NationalId
from backoffice.money import Money
from backoffice.payments.risk import facts
from backoffice.payments.risk.assessing import assess
from backoffice.payments.risk.facts import Facts
from backoffice.payments.risk.orders import Order
from backoffice.payments.voice.models import MoneyState, VoiceCall, VoicePayment
from backoffice.telephony.models import CallState
from backoffice.trust.phone_factor import Hindrance
from tests.factories import make_customer, now
from tests.payments.making import make_agent, make_card_on_file, make_case, make_shop, make_voice_payment
from tests.payments.risk.ordering import order_of
from tests.telephony.rows import write_call

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def read(order: Order, at: datetime | None = None) -> Facts:
    return facts.read(order, now=at or now(), besides=None)


def over(customer: Customer, *, at: datetime | None = None, rung: bool = False, **fields: Any) -> VoicePayment:
    """An order whose case is closed; its customer was `rung` or not."""
    at = at or now()
    case = make_case("voice_payment", customer, opened_at=at, state="closed", closed_at=at)
    payment = make_voice_payment(customer=customer, case=case, at=at, **fields)
    if rung:
        call = write_call(customer, at=at, state=CallState.ENDED)
        VoiceCall.objects.create(payment=payment, call=call, number=1, placed_at=at, heard_at=at, ended_at=at)
    return payment


def test_an_order_of_somebody_known_is_let_through_in_few_statements() -> None:
    order, at = order_of(make_customer()), now()
    own = make_voice_payment(customer=order.customer, agent=order.agent, card=order.card)
    with CaptureQueriesContext(connection) as queries:
        assessment = assess(order, now=at, besides=own.case_id)

    assert assessment.codes == ()
    assert len(queries) == 11


class TestMerchant:
    def test_what_was_taken_counts_on_its_day_and_in_its_month_where_the_company_is(self) -> None:
        """In Amsterdam the first of July begins at 22:00 UTC on the last of June."""
        at = datetime(2026, 7, 1, 12, tzinfo=UTC)
        shop = make_shop(per_payment=100_00, per_day=200_00, per_month=300_00)
        order = order_of(make_customer(), make_agent(shop), amount=Money(100_00, "EUR"))
        for paid_at, minor in (
            (datetime(2026, 6, 30, 21, 59, tzinfo=UTC), 200_00),
            (datetime(2026, 6, 30, 22, 1, tzinfo=UTC), 100_00),
        ):
            over(order.customer, at=paid_at, agent=order.agent, amount=minor, money=MoneyState.CAPTURED)

        assert read(order, at).standing == ""
        over(order.customer, at=at, agent=order.agent, amount=1, money=MoneyState.REFUNDED)
        assert "in a day" in read(order, at).standing
        assert "in a day" not in read(order, at + DAY).standing
        make_voice_payment(customer=order.customer, at=at + DAY, agent=order.agent, amount=100_00)
        assert "in a month" in read(order, at + 2 * DAY).standing

    def test_what_is_under_way_counts_and_what_came_to_nothing_does_not(self) -> None:
        shop = make_shop(per_payment=100_00, per_day=100_00, per_month=100_00)
        order = order_of(make_customer(), make_agent(shop), amount=Money(100_00, "EUR"))
        mine: dict[str, Any] = {"agent": order.agent, "amount": 100_00}
        for money in (MoneyState.NOTHING, MoneyState.DECLINED, MoneyState.RELEASED):
            over(order.customer, money=money, **mine)
        assert read(order).standing == ""

        under_way = make_voice_payment(customer=order.customer, at=now() - 3 * DAY, **mine)

        assert "in a day" in read(order).standing
        assert facts.read(order, now=now(), besides=under_way.case_id).standing == ""

    @pytest.mark.parametrize("state", ["suspended", "ended"])
    def test_its_state_is_asked(self, state: str) -> None:
        ended_at = now() if state == "ended" else None
        order = order_of(make_customer(), make_agent(make_shop(state=state, ended_at=ended_at)))

        assessment = assess(order, now=now())

        assert assessment.denied == ("merchant",)
        assert assessment.standing


class TestAgent:
    def test_only_orders_of_an_hour_count_and_only_since_the_last_that_was_paid(self) -> None:
        order = order_of(make_customer())
        mine: dict[str, Any] = {"agent": order.agent, "customer": order.customer}
        for minutes, money in ((61, "nothing"), (50, "nothing"), (40, "captured"), (30, "nothing"), (20, "declined")):
            make_voice_payment(at=now() - timedelta(minutes=minutes), money=money, **mine)
        make_voice_payment(agent=make_agent(order.merchant), customer=order.customer)
        make_voice_payment(risk=["merchant", "amount_identity"], **mine)
        assert (read(order).agent_unpaid, read(order).merchant_unpaid) == (2, 3)

        VoicePayment.objects.filter(money="captured").update(money="released")

        assert (read(order).agent_unpaid, read(order).merchant_unpaid) == (4, 6)


class TestCard:
    def test_a_card_on_file_counts_with_whomever_it_is(self) -> None:
        order = order_of(make_customer())
        assert order.card is not None
        again = make_card_on_file(fingerprint=order.card.fingerprint)
        for ago, card, money in (
            (timedelta(0), again, "declined"),
            (timedelta(0), order.card, "nothing"),
            (DAY + HOUR, order.card, "declined"),
            (timedelta(0), make_card_on_file(), "declined"),
        ):
            over(card.customer, at=now() - ago, card=card, money=money)

        assert read(order).card == facts.OfCard(orders=2, declines=1)

    def test_a_card_that_is_keyed_in_counts_by_its_customer_and_last_four_digits(self) -> None:
        order = order_of(make_customer())
        order = replace(order, card=None, last_four="1111")
        for customer, last_four in ((order.customer, "1111"), (order.customer, "2222"), (make_customer(), "1111")):
            over(customer, last_four=last_four, money="declined")

        assert read(order).card == facts.OfCard(orders=1, declines=1)


class TestNumber:
    def test_orders_count_that_rang_it_or_may_and_came_to_nothing(self) -> None:
        order = order_of(make_customer())
        over(order.customer, rung=True)
        over(order.customer, rung=True, at=now() - 2 * DAY, money="released")
        over(order.customer, rung=True, at=now() - 8 * DAY)
        over(order.customer, rung=True, money="captured")
        over(order.customer, rung=True, money="declined")
        over(order.customer)
        make_voice_payment(customer=order.customer)

        assert (read(order).number.unpaid, read(order).number.unpaid_a_week) == (2, 3)

    def test_it_is_the_same_number_with_another_customer(self) -> None:
        order = order_of(make_customer())
        other = make_customer(contacts={"phone": order.point.value})
        make_voice_payment(customer=other)

        assert read(order).number.unpaid == 1
        assert read(order).number.shared
        assert not read(order_of(make_customer())).number.shared

    def test_its_age_and_what_is_in_its_way_are_known(self) -> None:
        order = order_of(make_customer(phone_days=3))

        number = read(order).number

        assert number.hindrance is Hindrance.TOO_YOUNG
        assert number.age.days == 3


class TestCustomer:
    def test_orders_of_an_hour_declines_of_a_week_and_payments_of_any_time_count(self) -> None:
        order = order_of(make_customer())
        over(order.customer, money="declined")
        over(order.customer, at=now() - 2 * HOUR, money="declined")
        over(order.customer, at=now() - 8 * DAY, money="declined")
        over(make_customer(), money="captured")
        customer = read(order).customer
        assert (customer.orders, customer.declines, customer.has_paid) == (1, 2, False)

        over(order.customer, at=now() - 300 * DAY, money="captured")

        assert read(order).customer.has_paid

    @pytest.mark.parametrize(("days", "phone_days", "moved"), [(400, None, False), (400, 20, True), (20, None, True)])
    def test_an_address_that_changed_lately_is_seen(self, days: int, phone_days: int | None, moved: bool) -> None:
        customer = read(order_of(make_customer(days=days, phone_days=phone_days))).customer

        assert (customer.known_for.days, customer.moved) == (days, moved)

    def test_who_was_seen_by_us_or_by_a_document_is_verified(self) -> None:
        by_address, by_visit, by_document, never = (
            make_customer(verified_how=how) for how in ("branch", "code", "code", "code")
        )
        make_case("home_visit", by_visit, state="closed", stage="passed", closed_at=now())
        make_case("home_visit", never, stage="passed")
        item: dict[str, Any] = {"kind": "check_document", "step": "1", "performer": "role", "opened_at": now()}
        for customer, outcome in ((by_document, "fits"), (never, "does_not_fit")):
            WorkItem.objects.create(case=make_case("voice_payment", customer), outcome=outcome, **item)

        verified = {one.pk: read(order_of(one)).customer.verified for one in (by_address, by_visit, by_document, never)}

        assert verified == {by_address.pk: True, by_visit.pk: True, by_document.pk: True, never.pk: False}

    def test_a_national_id_identifies_and_so_does_who_was_seen(self) -> None:
        numbered, seen, neither = (make_customer(verified_how=how) for how in ("code", "branch", "code"))
        NationalId.objects.filter(customer__in=(seen, neither)).delete()

        identified = [read(order_of(one)).customer.identified for one in (numbered, seen, neither)]

        assert identified == [True, True, False]

    @pytest.mark.parametrize(
        ("process", "fields", "suspicious"),
        [
            ("suspicious_contact", {}, True),
            ("suspicious_contact", {"state": "closed", "closed_at": now()}, False),
            ("contact_change", {"state": "frozen", "frozen_at": now()}, True),
            ("contact_change", {}, False),
        ],
    )
    def test_a_paused_case_or_a_strange_contact_speaks_against_it(
        self, process: str, fields: dict[str, Any], suspicious: bool
    ) -> None:
        order = order_of(make_customer())
        case: Case = make_case(process, order.customer, **fields)

        assert read(order).customer.suspicious is suspicious
        assert not facts.read(order, now=now(), besides=case.id).customer.suspicious
