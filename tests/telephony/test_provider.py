"""The adapter and the simulator speak the same language, and every error says whether a call can have been made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import urllib3

from backoffice.telephony.adapters.twilio import TwilioTelephony
from backoffice.telephony.ports import Line, NoAnswer, NotSent, ProviderFailed, ProviderRefused, Reported
from tests.telephony.provider import ACCOUNT, OURS, Phones

TO = "+31612345678"


def since() -> datetime:
    return datetime.now(UTC) - timedelta(seconds=30)


def place(phones: Phones, number: str = TO, *, read: float = 5) -> Line:
    return phones.adapter(read=read).place(number=number, key="k")


def test_a_call_is_made_looked_at_and_hung_up(phones: Phones) -> None:
    line, adapter = place(phones), phones.adapter()
    assert line.status is Reported.QUEUED
    made = phones.calls(TO)[0]
    assert (made["sid"], made["to"], made["from"]) == (line.id, TO, OURS)

    phones.do(line.id, "answer")
    assert adapter.look(provider_id=line.id) == Line(line.id, Reported.ANSWERED)
    for _again in range(2):
        adapter.hang_up(provider_id=line.id)

    assert adapter.look(provider_id=line.id) == Line(line.id, Reported.COMPLETED)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("busy", Line("", Reported.BUSY)),
        ("no_answer", Line("", Reported.NO_ANSWER)),
        ("failed", Line("", Reported.FAILED)),
        ("voicemail", Line("", Reported.ANSWERED, by_machine=True)),
    ],
)
def test_what_becomes_of_a_call(phones: Phones, fault: str, expected: Line) -> None:
    phones.faults(**{fault: {}})
    line = place(phones)

    found = phones.adapter().look(provider_id=line.id)

    assert found == Line(line.id, expected.status, expected.by_machine)


@pytest.mark.parametrize(
    ("fault", "options", "error", "made"),
    [
        ("too_many", {}, NotSent, 0),
        ("refuse", {}, ProviderRefused, 0),
        ("fail", {"status": 500}, NoAnswer, 0),
        ("fail", {"status": 503}, NoAnswer, 0),
        ("lost_answer", {"seconds": 5}, NoAnswer, 1),
    ],
)
def test_an_error_says_whether_the_call_can_have_been_made(
    phones: Phones, fault: str, options: dict[str, float], error: type[ProviderFailed], made: int
) -> None:
    number = "+31612340000"
    before = len(phones.calls(number))
    phones.faults(**{fault: options})

    with pytest.raises(error) as failed:
        place(phones, number, read=0.3)

    assert number not in str(failed.value)
    assert len(phones.calls(number)) - before == made


def test_without_a_connection_nothing_was_sent(phones: Phones) -> None:
    nowhere = TwilioTelephony(url="http://127.0.0.1:9", account=ACCOUNT, token="x", number=OURS, connect=1, read=1)
    tries: list[Callable[[], object]] = [
        lambda: nowhere.place(number=TO, key="k"),
        lambda: nowhere.look(provider_id="CA1"),
        lambda: nowhere.hang_up(provider_id="CA1"),
        lambda: nowhere.find(number=TO, since=since(), known=frozenset()),
    ]
    for ask in tries:
        with pytest.raises(NotSent):
            ask()


def test_a_wrong_token_is_refused_for_good(phones: Phones) -> None:
    with pytest.raises(ProviderRefused, match="account_not_accepted"):
        phones.adapter(token="wrong").place(number=TO, key="k")


def test_a_call_that_nobody_knows_is_none(phones: Phones) -> None:
    assert phones.adapter().look(provider_id="CA" + "0" * 32) is None
    phones.adapter().hang_up(provider_id="CA" + "0" * 32)


def test_a_lost_call_is_found_by_its_number_and_time_but_none_of_those_we_know(phones: Phones) -> None:
    adapter, number = phones.adapter(), "+31612345600"
    older, newer = place(phones, number), place(phones, number)

    found = [
        adapter.find(number=number, since=since(), known=known)
        for known in (frozenset({newer.id}), frozenset({older.id}), frozenset({older.id, newer.id}))
    ]

    assert [line.id if line else "" for line in found] == [older.id, newer.id, ""]
    assert adapter.find(number=number, since=datetime.now(UTC) + timedelta(minutes=1), known=frozenset()) is None
    assert adapter.find(number="+31612345601", since=since(), known=frozenset()) is None


def test_the_simulators_page_shows_no_whole_number_and_answers_from_itself_only(phones: Phones) -> None:
    line = place(phones)
    page = urllib3.request("GET", phones.url + "/", retries=False).data.decode()
    assert line.id in page
    assert TO not in page

    body = f"call={line.id}&step=answer"
    pressed = [
        urllib3.request("POST", phones.url + "/", body=body, headers={"origin": origin}, redirect=False).status
        for origin in ("https://elsewhere.example", phones.url)
    ]
    assert pressed == [403, 303]
    assert phones.calls(TO)[0]["status"] == "in-progress"


def test_the_simulator_refuses_faults_that_it_does_not_have(phones: Phones) -> None:
    wrong: tuple[object, ...] = ({"nonsense": {}}, {"slow": {"minutes": 1}}, {"slow": {"seconds": -1}}, [])
    for one in wrong:
        assert "message" in phones.ask("POST", "/_sim/faults", one)
