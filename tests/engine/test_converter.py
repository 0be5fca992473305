"""What crosses to the engine and back: compact, typed, and tolerant of other versions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from temporalio.api.common.v1 import Payload

from backoffice.engine.converter import ContractConverter
from workflows.base.contracts import Answered, Contract, Done, OpenItem, from_wire, to_wire
from workflows.home_visit.facts import Choice, OtherWay

CONVERTER = ContractConverter()


class LaterDone(Contract, frozen=True):
    """The same contract as a later version has it."""

    held: str = ""
    since: datetime | None = None


def crosses(value: object, kind: type) -> object:
    return CONVERTER.from_payload(CONVERTER.to_payload(value), kind)


def test_what_is_as_by_default_is_not_sent() -> None:
    item = OpenItem("check", "check-2", datetime(2026, 1, 2, tzinfo=UTC))

    payload = CONVERTER.to_payload(item)

    assert payload.data == b'{"kind":"check","step":"check-2","due_at":"2026-01-02T00:00:00Z"}'
    assert CONVERTER.from_payload(payload, OpenItem) == item


def test_fields_of_a_later_version_are_passed_over_and_those_of_an_earlier_are_by_default() -> None:
    later = LaterDone("frozen", datetime(2026, 1, 2, tzinfo=UTC))

    assert crosses(later, Done) == Done(held="frozen")
    assert crosses(Done(held="frozen", late=("check",)), LaterDone) == LaterDone("frozen")


def test_nothing_stays_nothing_whatever_was_expected() -> None:
    kind: Any = Answered | None
    unsealed = Payload(metadata={"encoding": b"json/plain"}, data=b"null")

    assert CONVERTER.from_payload(unsealed, kind) is None


@pytest.mark.parametrize("content", [b'{"case": 7}', b'{"case": "c"}', b"not json"])
def test_what_is_no_such_contract_is_refused(content: bytes) -> None:
    payload = Payload(metadata={"encoding": b"json/plain"}, data=content)

    with pytest.raises(msgspec.DecodeError):
        CONVERTER.from_payload(payload, Answered)


def test_facts_keep_their_types_on_both_sides() -> None:
    booked = Choice(starts=datetime(2026, 1, 2, 9, tzinfo=UTC), ends=datetime(2026, 1, 2, 11, tzinfo=UTC))

    assert to_wire(Choice(alternative=OtherWay.POST)) == {"alternative": "post"}
    assert from_wire(to_wire(booked), Choice) == booked
    with pytest.raises(msgspec.ValidationError):
        from_wire({"alternative": "by owl"}, Choice)
