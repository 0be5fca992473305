"""What a registration refuses, with the sample process as the example."""

from __future__ import annotations

import dataclasses

import pytest
from django import forms

from backoffice.cases import catalogue
from backoffice.cases.catalogue import Process
from backoffice.ui.mounting import pages_of_processes
from tests.sample.forms import HandoverForm
from tests.sample.process import PROCESS


class AsksForAKey(HandoverForm):
    key = forms.CharField()


def another(**changes: object) -> Process:
    """A process of another name, without the messages and sentences that the sample has registered."""
    spec = dataclasses.replace(PROCESS.spec, name="other_handover", notices=())
    return dataclasses.replace(PROCESS, spec=spec, sentences={}, **changes)  # type: ignore[arg-type]


def test_a_second_process_of_the_same_name_is_refused() -> None:
    with pytest.raises(ValueError, match="two processes are called “locker_handover”"):
        catalogue.register(PROCESS)


def test_a_process_that_leaves_a_work_item_unbound_is_refused() -> None:
    with pytest.raises(ValueError, match="its kinds are"):
        catalogue.register(another(items=PROCESS.items[:-1]))


def test_an_opening_may_not_ask_for_what_every_opening_says() -> None:
    assert PROCESS.opening is not None
    opening = dataclasses.replace(PROCESS.opening, form=AsksForAKey)

    with pytest.raises(ValueError, match="every opening says key"):
        catalogue.register(another(opening=opening))


def test_two_processes_may_not_have_the_same_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(catalogue._processes, "other_handover", another())

    with pytest.raises(ValueError, match="has the address of another: lockers/stop/"):
        pages_of_processes("portal")
