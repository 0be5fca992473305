"""What the benchmark makes of the moments of orders that were paid by telephone."""

from __future__ import annotations

import pytest

from benchmarks import voice_paying
from benchmarks.voice_shop import Console, Order

ORDER = {
    "sent": 100.0, "rings": 100.5, "taken": 100.6, "reading": 101.0, "read": 16.0, "agreed": 117.5,
    "asking": 118.0, "asked": 8.0, "last key": 127.2, "keyed noted": 127.5, "authorised noted": 127.7,
    "captured noted": 127.8, "shown": 128.2, "thought": 0.8, "pressed": 0.9, "agent's pick-up": 0.1,
    "straight": 0.05,
}  # fmt: skip


def test_what_the_last_key_waits_for_stands_beside_the_provider_alone() -> None:
    slow = {**ORDER, "authorised noted": 128.2, "straight": 0.25}

    found = voice_paying.summary([ORDER, ORDER, slow])

    assert found["last key to authorised, ms"] == {"median": 500.0, "p95": 1000.0}
    assert found["of it until the token is noted, ms"]["median"] == 300.0
    assert found["of it until the bank's answer is noted, ms"]["median"] == 200.0
    assert found["last key to the agent's page, ms"]["median"] == 1000.0
    assert found["authorised to the provider"] == {"median": 10.0, "least": 4.0, "greatest": 10.0}


def test_an_order_is_split_into_what_nobody_can_spare_and_what_we_add() -> None:
    found = voice_paying.summary([ORDER])

    nature, ours = found["parts by nature, s"], found["parts of ours, s"]
    assert nature == {"speech": 24.0, "thinking": 0.8, "keys": 0.9, "taking the calls": 0.2}
    assert ours == {
        "to the ring": 0.5, "to the first word": 0.4, "from 1 to the question": 0.4,
        "last key to authorised": 0.5, "to the money": 0.1,
    }  # fmt: skip
    assert found["order to money, s"]["median"] == 27.8
    assert sum(nature.values()) + sum(ours.values()) == pytest.approx(27.8)


def test_the_table_shows_both_with_their_ratios() -> None:
    shown = "\n".join(voice_paying.lines(voice_paying.summary([ORDER])))

    assert "the provider alone: 50.0, 10.0 times (10.0-10.0)" in shown
    assert "speech, keys and hands: 25.90, 1.073 times" in shown
    assert "ours, 1.90: to the ring 0.50" in shown


def test_where_no_telephone_runs_it_says_why() -> None:
    assert list(voice_paying.lines({voice_paying.NOT_MEASURED: "No phones here."})) == [
        "a payment by telephone: not measured. No phones here."
    ]


def test_a_page_that_looks_no_more_is_not_waited_for() -> None:
    page = '<h2 id="stands"><svg></svg> Not paid</h2>'

    with pytest.raises(TimeoutError, match="ended with “Not paid”"):
        Order(Console("http://127.0.0.1", {}), "AAA-BBB-CCC", page).shows("Paid")
