"""Threat 9: two hundred right answers at once prove one caller, once; and many orders at once are one case."""

from __future__ import annotations

import itertools
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from backoffice.calls import codes, ordering
from backoffice.cases import answering
from backoffice.cases.models import Case, Command, Event
from backoffice.refusals import Refused
from tests.calls.calling import OnTheLine, take_call

pytestmark = pytest.mark.django_db(transaction=True)
MANY, SOME, THREADS = 200, 40, 20


def at_once(line: OnTheLine, act: str, times: int) -> Counter[str]:
    """On twenty threads, each with one connection; what became of each."""
    code, by, customer = line.code(), line.by_agent, line.by_customer
    data = {"card": str(line.card.public_id), "reason": "lost"}

    def do(number: int) -> str:
        try:
            if act == "order":
                return str(ordering.order(case_id=line.case.id, by=by, data=data).reference)
            if act == "deny" and number % 2:
                return codes.deny(case_id=line.case.id, by=customer).state
            receipt = answering.answer(item_id=line.typing.id, by=by, data={"code": code})
            return "again" if receipt.again else receipt.outcome
        except Refused as refused:
            return refused.code

    def do_some(first: int) -> list[str]:
        try:
            return [do(number) for number in range(first, times, THREADS)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(itertools.chain.from_iterable(pool.map(do_some, range(THREADS))))


def kinds(line: OnTheLine) -> Counter[str]:
    return Counter(Event.objects.filter(case=line.case, kind__startswith="call.").values_list("kind", flat=True))


def test_many_at_once_prove_one_caller_open_one_case_and_never_prove_who_denies() -> None:
    line = take_call()
    line.shows()

    assert at_once(line, "type", MANY) == {"proven": 1, "again": MANY - 1}
    assert kinds(line) == {"call.code_shown": 1, "call.proven": 1}
    assert Command.objects.filter(case=line.case, signal="answered").count() == 2
    assert list(at_once(line, "order", SOME).values()) == [SOME]
    assert Case.objects.filter(process="card_reissue").count() == 1

    other = take_call(customer=line.customer)
    other.shows()
    became = at_once(other, "deny", SOME)
    assert other.call.state in ("proven", "denied")
    assert kinds(other)[f"call.{other.call.state}"] == 1
    assert not {"call.proven", "call.denied"} <= kinds(other).keys()
    assert became["proven"] <= 1
