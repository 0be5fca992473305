"""The sample process on the command line: its options are made from its form."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from tests.factories import make_staff
from tests.playing import ask
from tests.sample.conftest import OPENING

pytestmark = pytest.mark.django_db


def case_command(*said: str) -> str:
    out = StringIO()
    call_command("case", *said, *(() if "--by" in said else ("--by", "hanna")), stdout=out)
    return out.getvalue()


def opening(customer: Customer, fields: dict[str, str], *, as_pairs: bool = False) -> list[str]:
    mail = customer.contact_points.get(kind="mail").value
    said = ["open", "locker_handover", "--customer", mail, "--key", "k1", "--by", "hanna"]
    for name, value in fields.items():
        said += ["--set", f"{name}={value}"] if as_pairs else [f"--{name.replace('_', '-')}", value]
    return said


def as_json(*said: str) -> Any:
    return json.loads(case_command(*said, "--json"))


def test_a_case_is_opened_with_the_fields_of_its_form(holder: Customer) -> None:
    make_staff(username="hanna")

    first = as_json(*opening(holder, OPENING))
    again = as_json(*opening(holder, OPENING, as_pairs=True))

    assert (Case.objects.get().subject, first["new"]) == ("Locker 12", True)
    assert (again["reference"], again["new"]) == (first["reference"], False)


def test_what_is_wrong_is_told_with_its_field(holder: Customer) -> None:
    make_staff(username="hanna")

    with pytest.raises(CommandError, match="locker: Write the number on the door") as refused:
        case_command(*opening(holder, {"why": "gift"}))

    assert refused.value.returncode == 3


def test_it_is_listed_shown_and_withdrawn(case: Case) -> None:
    make_staff(username="hanna")
    ask(case, "check_handover", stage="checked")

    words = case_command("show", case.reference, "--reason", "They called about it")
    stopped = as_json("withdraw", case.reference, "--reason", "Asked by telephone", "--by", "hanna")

    assert case_command("list", "--process", "locker_handover").startswith(case.reference)
    assert "Stages: Locker held → Both agree → Identity visit → [Checked]" in words
    assert "Open: Approve the handover (approver)" in words
    assert stopped["state"] == "stopping"
