"""The sample process in the API: opened by its schema, shown, answered, withdrawn."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from backoffice.cases.models import Case, ItemState
from backoffice.customers.models import Customer
from backoffice.staff.models import Role
from tests.api.conftest import Api, said
from tests.factories import make_staff
from tests.playing import ask
from tests.sample.conftest import OPENING

pytestmark = pytest.mark.django_db


def api_of(role: Role = Role.SUPPORT) -> Api:
    return Api(make_staff(role=role))


def told(customer: Customer, **fields: Any) -> dict[str, Any]:
    return {
        "process": "locker_handover",
        "key": "k1",
        "customer": str(customer.public_id),
        **OPENING,
        "locker": 12,
        **fields,
    }


def shown(api: Api, **query: str) -> dict[str, Any]:
    listed = api.read("processes", **query).json()  # type: ignore[attr-defined]
    return next(dict(one) for one in listed if one["name"] == "locker_handover")


def test_a_case_is_opened_by_what_its_schema_says(holder: Customer) -> None:
    api = api_of()
    schema = shown(api)["schema"]

    Draft202012Validator(schema).validate(told(holder))
    opened = api.post("cases", told(holder))

    assert schema["required"] == ["process", "key", *OPENING]
    assert schema["properties"]["why"]["enum"] == ["moving", "gift", "other"]
    assert (opened.status_code, Case.objects.get().subject) == (201, "Locker 12")
    assert said(api.post("cases", told(holder)))["reference"] == said(opened)["reference"]


def test_what_is_wrong_is_said_on_its_field_in_the_words_of_the_form(holder: Customer) -> None:
    response = api_of().post("cases", told(holder, locker=500, why="boredom"))

    assert response.status_code == 400
    assert set(said(response)["errors"]) == {"locker", "why"}
    assert not Case.objects.exists()


def test_the_customer_must_be_named(holder: Customer) -> None:
    response = api_of().post("cases", {**told(holder), "customer": None, "locker": None})

    assert set(said(response)["errors"]) == {"customer", "locker"}


def test_one_handover_at_a_time(case: Case, holder: Customer) -> None:
    api = api_of()

    assert shown(api, customer=str(holder.public_id))["why_not"] == "A handover is under way already."
    assert api.post("cases", told(holder)).status_code == 409


def test_a_role_that_does_not_open_it_is_told_so(holder: Customer) -> None:
    approver = api_of(Role.COMPLIANCE)

    assert shown(approver)["may_open"] is False
    assert approver.post("cases", told(holder)).status_code == 403


def test_the_case_and_its_timeline_are_shown(case: Case) -> None:
    api = api_of()

    assert said(api.read(f"cases/{case.reference}"))["process"] == "locker_handover"
    assert [one["reference"] for one in said(api.get("cases", process="locker_handover"))["results"]] == [
        case.reference
    ]
    assert api.read(f"cases/{case.reference}/timeline").json()[0]["kind"] == "case.opened"  # type: ignore[attr-defined]


def test_its_check_is_answered_by_who_may_and_by_its_schema(case: Case) -> None:
    item, approver = ask(case, "check_handover", stage="checked"), api_of(Role.APPROVER)

    schema = said(approver.get(f"items/{item.id}"))["schema"]
    refused = api_of().post(f"items/{item.id}/answer", {"outcome": "approved", "reason": "All is in order"})
    answered = approver.post(f"items/{item.id}/answer", {"outcome": "approved", "reason": "All is in order"})

    assert schema["properties"]["outcome"]["enum"] == ["approved", "rejected"]
    assert (refused.status_code, answered.status_code) == (403, 200)
    item.refresh_from_db()
    assert (item.state, item.outcome) == (ItemState.ANSWERED, "approved")


def test_it_is_withdrawn(case: Case) -> None:
    assert said(api_of().post(f"cases/{case.reference}/withdrawal", {"reason": "Asked by telephone"}))["state"] == (
        "stopping"
    )
