"""The processes through the API: which there are, who may open a case of them, and with what."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from backoffice.cases import catalogue
from backoffice.staff.models import Role
from tests.api.conftest import Api, said
from tests.factories import make_card, make_customer
from tests.playing import open_card_case

pytestmark = pytest.mark.django_db
MakeApi = Callable[..., Api]


def listed(api: Api, **query: str) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in api.read("processes", **query).json()}  # type: ignore[attr-defined]


def test_all_processes_are_listed_with_their_titles(api: Api) -> None:
    shown = listed(api)

    assert {name: one["title"] for name, one in shown.items()} == {
        process.name: process.spec.title for process in catalogue.all_processes()
    }


def test_the_schema_is_that_of_the_opening_and_a_call_that_fits_it_opens_a_case(api: Api) -> None:
    schema = listed(api)["card_reissue"]["schema"]
    told = {"process": "card_reissue", "key": "k", "card": str(make_card().public_id), "reason": "stolen"}

    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(told)
    assert schema["required"] == ["process", "key", "card", "reason"]
    assert schema["properties"]["reason"]["enum"] == ["lost", "stolen", "fraud", "damaged", "expiring"]
    assert "payments" not in schema["properties"]
    assert api.post("cases", told).status_code == 201


def test_for_a_customer_the_schema_holds_their_choices(api: Api) -> None:
    card = make_card()
    make_card()

    shown = listed(api, customer=str(card.customer.public_id))["card_reissue"]

    assert shown["may_open"] is True
    assert shown["schema"]["properties"]["card"]["enum"] == [str(card.public_id)]


def test_why_a_customer_cannot_have_such_a_case_is_said(api: Api) -> None:
    busy, none = make_card(), make_customer()
    open_card_case(busy)

    in_hand = listed(api, customer=str(busy.customer.public_id))["card_reissue"]
    without = listed(api, customer=str(none.public_id))["card_reissue"]

    assert (in_hand["may_open"], in_hand["why_not"]) == (False, "A case about this card is open already.")
    assert (without["may_open"], without["why_not"]) == (False, "There is no card.")


def test_a_process_that_only_another_case_opens_says_so_and_has_no_schema(api: Api) -> None:
    shown = listed(api)["home_visit"]

    assert (shown["may_open"], shown["schema"]) == (False, None)
    assert "Only another case can open" in shown["why_not"]


def test_who_may_not_open_sees_why_and_no_schema(api_of: MakeApi) -> None:
    shown = listed(api_of(role=Role.COMPLIANCE))["card_reissue"]

    assert shown["why_not"] == "Your role does not open such a case."
    assert shown["schema"] is None


@pytest.mark.parametrize(("customer", "status"), [("nonsense", 400), (str(uuid.UUID(int=7)), 404)])
def test_a_customer_who_is_none_is_refused_on_the_field(api: Api, customer: str, status: int) -> None:
    response = api.get("processes", customer=customer)

    assert response.status_code == status
    assert "customer" in (said(response)["field"], *said(response).get("errors", {}))
