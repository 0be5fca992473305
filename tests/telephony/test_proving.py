"""Threat 5: both prove themselves on the line, the company first; a code relayed to another call is worth nothing."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from backoffice.customers.models import Customer
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound, Refused
from backoffice.telephony import proving, states
from backoffice.telephony.models import Call, CallState
from backoffice.trust.models import Code, Direction
from tests.factories import make_customer, make_staff
from tests.playing import customer_actor
from tests.telephony.calling import DIALLED, NOON, TALKING, in_state, own
from tests.telephony.rows import write_call

pytestmark = pytest.mark.django_db
PROVEN = (*TALKING, CallState.COMPANY_PROVEN)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def customer() -> Customer:
    return make_customer(days=4000)


def offered(call: Call) -> str:
    """Half B as it stands on the agent's screen."""
    call = proving.offer_half(call_id=call.pk, by=own(call), now=NOON)
    assert call.agent is not None
    return proving.half_b(call, agent=call.agent, now=NOON)


def shown(call: Call, customer: Customer) -> str:
    return proving.show_code(call_id=call.pk, by=customer_actor(customer), now=NOON).code


def other_than(half: str) -> str:
    return f"{(int(half.replace(' ', '')) + 1) % 10**6:06d}"


def fresh(call: Call) -> Call:
    return Call.objects.select_related("contact", "customer", "agent").get(pk=call.pk)


def answered_call_of_another_agent(customer: Customer) -> Call:
    """A call to the same customer, as only a fault or a fraud among us could make it."""
    return write_call(
        customer, at=NOON, state=CallState.COMPANY_PROVEN, answered_at=NOON, agent=make_staff(), purpose="call_back"
    )


# --- we ---------------------------------------------------------------------------------------------------------------


def test_the_customer_compares_our_half_and_then_we_have_proven_who_we_are(customer: Customer) -> None:
    call, by = in_state(*TALKING, customer=customer), customer_actor(customer)
    assert not proving.can_compare(call, by=by, now=NOON)
    half = offered(call)
    assert (len(half), offered(call)) == (7, half)
    assert proving.can_compare(call, by=by, now=NOON)
    assert not proving.can_compare(call, by=customer_actor(make_customer()), now=NOON)

    wrong = proving.compare(call_id=call.pk, typed=other_than(half), by=by, now=NOON)
    assert (wrong.right, wrong.tries_left) == (False, 2)
    assert wrong.sentence == "These digits do not fit. Ask to hear them again, and type them once more."
    assert fresh(call).state == CallState.ANSWERED
    assert proving.compare(call_id=call.pk, typed=half, by=by, now=NOON).right

    call = fresh(call)
    assert call.agent is not None
    assert (call.state, call.times["company_proven"]) == (CallState.COMPANY_PROVEN, NOON.isoformat())
    assert proving.half_b(call, agent=call.agent, now=NOON) == ""


def test_the_half_is_on_no_screen_but_that_of_the_agent_of_the_call_and_for_ten_minutes(customer: Customer) -> None:
    call = in_state(*TALKING, customer=customer)
    half, other = offered(call), make_staff()
    call = fresh(call)
    assert call.agent is not None

    assert proving.half_b(call, agent=other, now=NOON) == ""
    assert proving.half_b(call, agent=call.agent, now=NOON + 10 * MINUTE) == ""
    with pytest.raises(Forbidden):
        proving.offer_half(call_id=call.pk, by=own(in_state(agent=other)), now=NOON)
    late = proving.compare(call_id=call.pk, typed=half, by=customer_actor(customer), now=NOON + 10 * MINUTE)
    assert not late.right


def test_three_wrong_tries_mean_hang_up(customer: Customer) -> None:
    call, by = in_state(*TALKING, customer=customer), customer_actor(customer)
    half = offered(call)
    said = [proving.compare(call_id=call.pk, typed=other_than(half), by=by, now=NOON).sentence for _try in range(3)]

    assert "hang up" in said[1]
    assert "This is not us: hang up" in said[2]
    assert not any("door" in one or "let anybody in" in one for one in said)
    assert not proving.compare(call_id=call.pk, typed=half, by=by, now=NOON).right
    with pytest.raises(Conflict, match="wrong three times"):
        proving.offer_half(call_id=call.pk, by=own(call), now=NOON)


def test_a_half_of_another_length_is_no_try(customer: Customer) -> None:
    call, by = in_state(*TALKING, customer=customer), customer_actor(customer)
    half = offered(call)
    for typed in ("", "12345", "1234567"):
        with pytest.raises(Invalid) as refused:
            proving.compare(call_id=call.pk, typed=typed, by=by, now=NOON)
        assert list(refused.value.errors) == ["half"]

    assert proving.compare(call_id=call.pk, typed=half, by=by, now=NOON).tries_left == 3


def test_nobody_compares_another_customers_call_or_one_that_nobody_answered(customer: Customer) -> None:
    call = in_state(*DIALLED, customer=customer)
    half = offered(call)

    with pytest.raises(Conflict, match="hang up"):
        proving.compare(call_id=call.pk, typed=half, by=customer_actor(customer), now=NOON)
    with pytest.raises(NotFound):
        proving.compare(call_id=call.pk, typed=half, by=customer_actor(make_customer()), now=NOON)


# --- the customer -----------------------------------------------------------------------------------------------------


def test_the_customer_reads_a_code_out_that_says_whom_it_is_for_and_the_agent_types_it(customer: Customer) -> None:
    call, by = in_state(*PROVEN, customer=customer), customer_actor(customer)
    assert proving.code_of(call, by=by, now=NOON) is None
    made = proving.show_code(call_id=call.pk, by=by, now=NOON)

    assert (made.agent, made.reference, made.purpose) == ("Hanna", call.contact.reference, "call_back")
    assert (len(made.code), made.until) == (9, NOON + 10 * MINUTE)
    assert proving.code_of(fresh(call), by=by, now=NOON + 9 * MINUTE) == made
    assert proving.code_of(fresh(call), by=by, now=NOON + 10 * MINUTE) is None
    assert proving.code_of(fresh(call), by=customer_actor(make_customer()), now=NOON) is None
    assert proving.code_of(fresh(call), by=own(call), now=NOON) is None
    assert made.code.replace("-", "") not in str(list(Code.objects.values()))

    assert proving.type_code(call_id=call.pk, typed=made.code.lower(), by=own(call), now=NOON).right
    assert fresh(call).state == CallState.CUSTOMER_PROVEN
    with pytest.raises(Conflict, match="proven who they are already"):
        proving.type_code(call_id=call.pk, typed=made.code, by=own(call), now=NOON)
    assert proving.code_of(fresh(call), by=by, now=NOON) is None


def test_another_code_voids_the_one_before(customer: Customer) -> None:
    call, by = in_state(*PROVEN, customer=customer), customer_actor(customer)
    first = shown(call, customer)
    second = proving.show_code(call_id=call.pk, by=by, now=NOON + MINUTE).code
    assert first != second

    assert not proving.type_code(call_id=call.pk, typed=first, by=own(call), now=NOON + MINUTE).right
    assert proving.type_code(call_id=call.pk, typed=second, by=own(call), now=NOON + MINUTE).right


def test_the_company_proves_itself_first(customer: Customer) -> None:
    call = in_state(*TALKING, customer=customer)

    with pytest.raises(Conflict, match="Give no code to anybody"):
        shown(call, customer)
    with pytest.raises(Conflict, match="only after we have proven who we are"):
        proving.type_code(call_id=call.pk, typed="7KQ4MX2R", by=own(call), now=NOON)


def test_whoever_dialled_our_number_may_prove_themselves_at_once(customer: Customer) -> None:
    agent = make_staff()
    call = write_call(
        customer, at=NOON, state=CallState.ANSWERED, answered_at=NOON, direction=Direction.IN, agent=agent, point=None
    )

    assert proving.type_code(call_id=call.pk, typed=shown(call, customer), by=own(call), now=NOON).right


def test_whoever_rings_us_gets_no_digits_of_ours_to_read_out_to_the_customer(customer: Customer) -> None:
    call = write_call(
        customer, at=NOON, state=CallState.ANSWERED, direction=Direction.IN, agent=make_staff(), point=None
    )

    with pytest.raises(Conflict, match="We prove nothing in a call to us"):
        proving.offer_half(call_id=call.pk, by=own(call), now=NOON)
    with pytest.raises(Conflict, match="We prove nothing in a call to us"):
        states.move(call_id=call.pk, to=CallState.COMPANY_PROVEN, by=own(call), now=NOON)


def test_a_code_relayed_to_another_agents_call_is_refused_there(customer: Customer) -> None:
    call = in_state(*PROVEN, customer=customer)
    code, other = shown(call, customer), answered_call_of_another_agent(customer)
    strangers = in_state(*PROVEN)

    for wrong in (other, strangers):
        assert not proving.type_code(call_id=wrong.pk, typed=code, by=own(wrong), now=NOON).right
        assert fresh(wrong).state == CallState.COMPANY_PROVEN
    with pytest.raises(Forbidden, match="another agent's call"):
        proving.type_code(call_id=call.pk, typed=code, by=own(other), now=NOON)
    assert proving.type_code(call_id=call.pk, typed=code, by=own(call), now=NOON).right


def test_a_code_for_one_purpose_is_none_for_another(customer: Customer) -> None:
    call = in_state(*PROVEN, customer=customer)
    code = shown(call, customer)
    Call.objects.filter(pk=call.pk).update(purpose="card_reissue.risk")

    assert not proving.type_code(call_id=call.pk, typed=code, by=own(call), now=NOON).right


def test_three_wrong_tries_spend_the_code_and_a_slip_is_none(customer: Customer) -> None:
    call = in_state(*PROVEN, customer=customer)
    code = shown(call, customer)
    for typed in ("", "7KQ4", "7KQ4MX2RR"):
        with pytest.raises(Invalid) as refused:
            proving.type_code(call_id=call.pk, typed=typed, by=own(call), now=NOON)
        assert list(refused.value.errors) == ["code"]
    wrong = "22222222" if code != "2222-2222" else "33333333"
    tries = [proving.type_code(call_id=call.pk, typed=wrong, by=own(call), now=NOON) for _try in range(3)]

    assert [one.tries_left for one in tries] == [2, 1, 0]
    assert "1 try is left" in tries[1].sentence
    assert "new one shown" in tries[2].sentence
    assert proving.code_of(fresh(call), by=customer_actor(customer), now=NOON) is None
    assert not proving.type_code(call_id=call.pk, typed=code, by=own(call), now=NOON).right


def test_a_call_that_is_over_takes_no_code(customer: Customer) -> None:
    call = in_state(*PROVEN, customer=customer)
    code = shown(call, customer)
    states.move(call_id=call.pk, to=CallState.ENDED, by=own(call), now=NOON)

    with pytest.raises(Conflict, match="while the call goes on"):
        proving.type_code(call_id=call.pk, typed=code, by=own(call), now=NOON)
    assert proving.code_of(fresh(call), by=customer_actor(customer), now=NOON) is None


@pytest.mark.django_db(transaction=True)
def test_of_two_hundred_right_codes_from_two_agents_calls_at_once_exactly_one_succeeds() -> None:
    customer = make_customer(days=4000)
    call = in_state(*PROVEN, customer=customer)
    code, other = shown(call, customer), answered_call_of_another_agent(customer)
    lines = [(call, own(call)), (other, own(other))]

    def type_some(first: int) -> Counter[str]:
        became: Counter[str] = Counter()
        try:
            for number in range(first, 200, 10):
                line, by = lines[number // 10 % 2]
                try:
                    right = proving.type_code(call_id=line.pk, typed=code, by=by, now=NOON).right
                    became[f"{right} {line.pk == call.pk}"] += 1
                except Refused as refused:
                    became[refused.code] += 1
        finally:
            connections.close_all()
        return became

    with ThreadPoolExecutor(10) as pool:
        became = sum(pool.map(type_some, range(10)), Counter())

    assert became == {"True True": 1, "False False": 100, "impossible_order": 99}
    assert (fresh(call).state, fresh(other).state) == (CallState.CUSTOMER_PROVEN, CallState.COMPANY_PROVEN)
