from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.references import ALPHABET
from backoffice.trust import codes
from backoffice.trust.codes import CodeRefused
from backoffice.trust.models import Code

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
SLOW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def refusal(case_id: UUID, typed: str, now: datetime = NOW, action: str = "activate", target: str = "") -> str:
    with pytest.raises(CodeRefused) as refused:
        codes.use(case_id=case_id, action=action, target=target, typed=typed, now=now)
    return refused.value.sentence


REFUSED, LAST_TRY, BLOCKED = str(codes.REFUSED), str(codes.LAST_TRY), str(codes.BLOCKED)


@pytest.mark.django_db
def test_the_right_code_is_good_once() -> None:
    case_id = uuid4()
    _code, clear = codes.issue(case_id=case_id, action="activate", now=NOW)
    assert len(clear) == 8
    assert set(clear) <= set(ALPHABET)

    assert codes.use(case_id=case_id, action="activate", typed=clear, now=NOW).used_at == NOW
    assert refusal(case_id, clear) == REFUSED


@pytest.mark.django_db
def test_a_code_is_taken_in_small_letters_and_groups() -> None:
    case_id = uuid4()
    _code, clear = codes.issue(case_id=case_id, action="activate", now=NOW)

    assert codes.use(case_id=case_id, action="activate", typed=f" {codes.in_groups(clear).lower()} ", now=NOW)


@pytest.mark.django_db
def test_nothing_of_the_code_is_at_rest() -> None:
    code, clear = codes.issue(case_id=uuid4(), action="activate", digits=True, length=6, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM trust_code c WHERE id = %s", [code.id])
        (row,) = cursor.fetchone()

    assert len(code.hashed) == 64
    assert f'"{clear}"' not in row


@pytest.mark.django_db
def test_wrong_late_used_and_foreign_codes_are_refused_in_the_same_words() -> None:
    one, other, late, used = uuid4(), uuid4(), uuid4(), uuid4()
    _, clear = codes.issue(case_id=one, action="activate", now=NOW)
    codes.issue(case_id=other, action="activate", now=NOW)
    _, late_clear = codes.issue(case_id=late, action="activate", now=NOW)
    _, used_clear = codes.issue(case_id=used, action="activate", now=NOW)
    codes.use(case_id=used, action="activate", typed=used_clear, now=NOW)

    said = {
        refusal(one, "22222222"),
        refusal(other, clear),
        refusal(late, late_clear, NOW + timedelta(minutes=10)),
        refusal(used, used_clear),
        refusal(uuid4(), clear),
        refusal(one, clear, action="close"),
        refusal(one, clear, target="another card"),
        refusal(one, ""),
    }

    assert said == {REFUSED}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["live", "late", "used"])
def test_five_failures_block_and_the_one_before_warns_whatever_state_the_code_is_in(kind: str) -> None:
    case_id = uuid4()
    _, clear = codes.issue(case_id=case_id, action="activate", now=NOW)
    later = NOW + timedelta(minutes=11) if kind == "late" else NOW
    if kind == "used":
        codes.use(case_id=case_id, action="activate", typed=clear, now=NOW)

    said = [refusal(case_id, "2222", later) for _try in range(6)]

    assert said == [REFUSED] * 3 + [LAST_TRY] + [BLOCKED] * 2
    assert refusal(case_id, clear, later) == BLOCKED


@pytest.mark.django_db
def test_a_new_code_voids_the_old_one() -> None:
    case_id = uuid4()
    _, old = codes.issue(case_id=case_id, action="activate", now=NOW)
    _, new = codes.issue(case_id=case_id, action="activate", now=NOW + timedelta(seconds=1))

    assert refusal(case_id, old) == REFUSED
    assert codes.use(case_id=case_id, action="activate", typed=new, now=NOW)


@pytest.mark.django_db
def test_new_codes_do_not_buy_new_guesses_without_end() -> None:
    case_id = uuid4()
    for round_ in range(4):
        codes.issue(case_id=case_id, action="activate", now=NOW + timedelta(minutes=round_))
        for _try in range(5):
            refusal(case_id, "2222", NOW)

    with pytest.raises(codes.NoMoreCodes):
        codes.issue(case_id=case_id, action="activate", now=NOW + timedelta(hours=1))
    codes.issue(case_id=case_id, action="activate", now=NOW + timedelta(days=2))


@pytest.mark.django_db(transaction=True)
def test_a_code_is_not_used_inside_a_transaction_that_could_lose_the_failure() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        codes.use(case_id=uuid4(), action="activate", typed="2222", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_a_failure_within_a_rule_is_counted_after_the_rule_was_rolled_back() -> None:
    case_id = uuid4()
    codes.issue(case_id=case_id, action="activate", tries=2, now=NOW)

    def rule() -> None:
        with transaction.atomic():
            codes.use_within(case_id=case_id, action="activate", typed="2222", now=NOW)

    with pytest.raises(CodeRefused) as first, codes.counting_failures(now=NOW):
        rule()
    with pytest.raises(CodeRefused) as second, codes.counting_failures(now=NOW):
        rule()

    assert [first.value.sentence, second.value.sentence] == [LAST_TRY, BLOCKED]
    assert Code.objects.get().failures == 2


@pytest.mark.django_db(transaction=True)
def test_a_code_that_was_used_within_a_rule_is_unused_when_the_rule_fails() -> None:
    case_id = uuid4()
    _, clear = codes.issue(case_id=case_id, action="activate", now=NOW)

    with transaction.atomic():
        codes.use_within(case_id=case_id, action="activate", typed=clear, now=NOW)
        transaction.set_rollback(True)

    assert codes.use(case_id=case_id, action="activate", typed=clear, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_two_hundred_right_answers_at_once_exactly_one_succeeds() -> None:
    case_id = uuid4()
    _, clear = codes.issue(case_id=case_id, action="activate", tries=1000, now=NOW)
    start, outcomes = threading.Barrier(20), []

    def answer() -> None:
        start.wait()
        for _try in range(10):
            try:
                codes.use(case_id=case_id, action="activate", typed=clear, now=NOW)
                outcomes.append("used")
            except CodeRefused:
                outcomes.append("refused")
        connection.close()

    threads = [threading.Thread(target=answer) for _thread in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(outcomes) == 200
    assert outcomes.count("used") == 1
    assert Code.objects.get().failures == 199


@pytest.mark.django_db(transaction=True)
def test_of_many_issued_at_once_exactly_one_code_is_live() -> None:
    case_id, failed = uuid4(), []

    def issue() -> None:
        try:
            codes.issue(case_id=case_id, action="activate", now=NOW)
        except Exception as error:
            failed.append(error)
        connection.close()

    threads = [threading.Thread(target=issue) for _thread in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert Code.objects.filter(used_at=None, void_at=None).count() == 1


@SLOW
@given(st.text(max_size=40))
@pytest.mark.django_db
def test_no_other_text_is_ever_taken_for_the_code(typed: str) -> None:
    case_id = uuid4()
    _, clear = codes.issue(case_id=case_id, action="activate", now=NOW)
    tidied = "".join(sign for sign in typed.upper() if sign.isalnum())

    if tidied != clear:
        assert refusal(case_id, typed) == REFUSED


@SLOW
@given(st.lists(st.sampled_from(["right", "wrong", "late", "issue"]), max_size=14))
@pytest.mark.django_db
def test_a_code_succeeds_once_and_never_after_its_tries_or_its_time(steps: list[str]) -> None:
    case_id, now = uuid4(), NOW
    _, clear = codes.issue(case_id=case_id, action="activate", now=now)
    usable, failures = True, 0
    for step in steps:
        if step == "issue":
            now += timedelta(seconds=1)
            _, clear = codes.issue(case_id=case_id, action="activate", now=now)
            usable, failures = True, 0
            continue
        typed, at = ("2222", now) if step == "wrong" else (clear, now + timedelta(minutes=10 if step == "late" else 0))
        if step == "right" and usable and failures < 5:
            codes.use(case_id=case_id, action="activate", typed=typed, now=at)
            usable = False
        else:
            refusal(case_id, typed, at)
            failures += 1
