"""The files of the account updater: what is written is read, and what is damaged is refused."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.cards.autopay import files

CHEAP = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
AT = datetime(2026, 11, 29, 14, 30, 5, tzinfo=UTC)
TOKENS = st.text("az09_", min_size=1, max_size=80)
LAST_FOUR = st.text("0129", min_size=4, max_size=4)
NAMES = st.text("Ab ", max_size=40).map(str.strip)
ASKED = st.builds(
    files.AskedLine, st.uuids(), TOKENS, TOKENS, LAST_FOUR, LAST_FOUR, st.text("AZ09", min_size=0, max_size=20)
)
FOUND = st.builds(files.Find, TOKENS, st.text("AZ09", min_size=1, max_size=20), NAMES, st.sampled_from("AECQNP"))
ANSWERED = st.builds(files.AnsweredLine, st.uuids(), st.sampled_from("AECQNPXZ"))


@CHEAP
@given(st.uuids(), st.lists(ASKED, max_size=5))
def test_a_request_is_read_as_it_was_written(batch: uuid.UUID, lines: list[files.AskedLine]) -> None:
    request = files.Request(batch, AT, lines)

    assert files.read_request(files.write_request(request)) == request


@CHEAP
@given(st.uuids(), st.integers(1, 999_999), st.lists(ANSWERED, max_size=5), st.lists(FOUND, max_size=3))
def test_a_response_is_read_as_it_was_written(
    batch: uuid.UUID, number: int, lines: list[files.AnsweredLine], finds: list[files.Find]
) -> None:
    response = files.Response(batch, number, AT, lines, finds)

    assert files.read_response(files.write_response(response)) == response


@CHEAP
@given(st.lists(ANSWERED, min_size=1, max_size=5), st.data())
def test_a_file_of_which_one_character_changed_is_refused(lines: list[files.AnsweredLine], data: st.DataObject) -> None:
    text = files.write_response(files.Response(uuid.UUID(int=1), 1, AT, lines))
    where = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from([one for one in "0AZ f\n" if one != text[where]]))

    with pytest.raises(files.Unreadable):
        files.read_response(text[:where] + other + text[where + 1 :])


@pytest.mark.parametrize("text", ["", "\n", "T000000", "H\nT000000\n", "é\n", "H" * 10_000, "-" * 1_000_000])
def test_what_is_no_such_file_is_refused(text: str) -> None:
    with pytest.raises(files.Unreadable):
        files.read_response(text)


def test_a_detail_after_a_find_is_refused() -> None:
    find = files.Find("ic_old", "NET1", "Example Gym", "A")
    text = files.write_response(files.Response(uuid.uuid4(), 1, AT, [files.AnsweredLine(uuid.uuid4(), "A")], [find]))
    head, detail, found, _end = text.splitlines()
    swapped = files._with_trailer([head, found.replace("F000002", "F000001"), detail.replace("D000001", "D000002")])

    with pytest.raises(files.Unreadable, match="line 2"):
        files.read_response(swapped)


def test_a_request_cannot_be_taken_for_a_response() -> None:
    with pytest.raises(files.Unreadable, match="header"):
        files.read_response(files.write_request(files.Request(uuid.uuid4(), AT, [])))


def test_no_line_of_a_request_has_room_for_a_card_number() -> None:
    line = files.AskedLine(uuid.UUID(int=0xABCDEF << 100), "ic_old", "ic_new", "4242", "0005", "NET1")
    text = files.write_request(files.Request(uuid.UUID(int=0xABCDEF << 100), AT, [line]))
    detail = next(one for one in text.splitlines() if one.startswith("D"))

    assert not re.search(r"(?<![0-9a-f])[0-9]{12,19}(?![0-9a-f])", detail)
