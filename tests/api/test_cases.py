"""Cases through the API: listed, shown, opened once by a key, and stopped while that is possible."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from backoffice.cases.models import Case, CaseState
from backoffice.staff.models import Role
from tests.api.conftest import Api, said
from tests.factories import make_card, make_staff, sign_in
from tests.playing import open_card_case

pytestmark = pytest.mark.django_db
MakeApi = Callable[..., Api]


def opening(**fields: str) -> dict[str, str]:
    return {"process": "card_reissue", "key": uuid.uuid4().hex, "reason": "stolen", **fields}


def test_the_list_is_narrowed_by_state_and_process(api: Api) -> None:
    case = open_card_case(make_card())
    Case.objects.filter(pk=open_card_case(make_card()).pk).update(state=CaseState.CLOSED, outcome="done")

    found = said(api.get("cases", state="open", process="card_reissue"))["results"]

    assert [one["reference"] for one in found] == [case.reference]
    assert said(api.get("cases", process="home_visit"))["results"] == []


@pytest.mark.parametrize("query", [{"state": "nonsense"}, {"process": "nonsense"}])
def test_an_unknown_state_or_process_is_400_on_its_field(api: Api, query: dict[str, str]) -> None:
    response = api.get("cases", **query)

    assert response.status_code == 400
    assert set(said(response)["errors"]) == set(query)


def test_a_case_is_shown_without_personal_data(api: Api) -> None:
    card = make_card()
    case = open_card_case(card)

    shown = said(api.read(f"cases/{case.reference}"))

    assert (shown["reference"], shown["state"], shown["process"]) == (case.reference, "open", "card_reissue")
    for secret in (card.customer.name, card.customer.family_name, card.issuer_token, str(case.id)):
        assert secret not in str(shown)


def test_a_reference_may_be_typed_in_any_way(api: Api) -> None:
    case = open_card_case(make_card())

    assert api.read(f"cases/{case.reference.lower().replace('-', '')}").status_code == 200


def test_the_timeline_comes_with_its_hashes(api: Api) -> None:
    case = open_card_case(make_card())

    events = api.read(f"cases/{case.reference}/timeline").json()  # type: ignore[attr-defined]

    stored = case.timeline.order_by("number")
    assert [event["hash"] for event in events] == [event.hash for event in stored]
    assert events[0]["kind"] == "case.opened"


@pytest.mark.parametrize("typed", ["K7Q-4MX-3", "K7Q-4M", "nonsense"])
def test_a_malformed_reference_is_400_in_the_words_of_the_desk(api_of: MakeApi, typed: str) -> None:
    user = make_staff(role=Role.SUPPORT)
    response = api_of(user).get(f"cases/{typed}")

    assert (response.status_code, said(response)["code"]) == (400, "invalid")
    sentence = said(response)["errors"]["reference"][0]
    assert sentence == f"{typed.upper()} is not a reference: a character in it is wrong"
    if typed == "K7Q-4MX-3":
        desk = sign_in(Api(None).client, user).get("/desk/", {"q": typed}).content.decode()
        assert sentence in desk


def test_an_unknown_reference_is_404_in_the_words_of_the_desk(api_of: MakeApi) -> None:
    user = make_staff(role=Role.SUPPORT)

    response = api_of(user).get("cases/K7Q-4MX-4")

    assert (response.status_code, said(response)["field"]) == (404, "reference")
    assert said(response)["sentence"] == "There is no case K7Q-4MX-4"


def test_a_case_is_opened_once_by_its_key(api: Api) -> None:
    told = opening(card=str(make_card().public_id))

    first, again = api.post("cases", told), api.post("cases", told)

    assert (first.status_code, again.status_code) == (201, 200)
    assert said(first)["reference"] == said(again)["reference"]
    assert Case.objects.count() == 1


def test_a_key_that_could_be_a_card_number_counts_as_any_other_and_is_not_kept(api: Api) -> None:
    told = opening(card=str(make_card().public_id), key="4111 1111 1111 1111")

    first, again = api.post("cases", told), api.post("cases", told)

    assert (first.status_code, again.status_code) == (201, 200)
    assert "4111" not in Case.objects.get().opening_key


def test_the_same_key_with_other_content_is_409(api: Api) -> None:
    told = opening(card=str(make_card().public_id))
    api.post("cases", told)

    other = api.post("cases", told | {"card": str(make_card().public_id)})

    assert (other.status_code, said(other)["field"]) == (409, "key")
    assert Case.objects.count() == 1


def test_the_keys_of_two_clients_do_not_meet(api: Api, api_of: MakeApi) -> None:
    key = "order-1"
    api.post("cases", opening(key=key, card=str(make_card().public_id)))

    assert api_of().post("cases", opening(key=key, card=str(make_card().public_id))).status_code == 201


def test_an_unknown_reason_is_400_on_its_field(api: Api) -> None:
    response = api.post("cases", opening(card=str(make_card().public_id), reason="bored"))

    assert response.status_code == 400
    assert set(said(response)["errors"]) == {"reason"}
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("told", "missing"),
    [
        ({}, {"process", "key"}),
        ({"process": "card_reissue"}, {"key", "customer", "card", "reason"}),
        ({"process": "card_reissue", "key": "k"}, {"customer", "card", "reason"}),
    ],
)
def test_all_that_is_missing_is_said_at_once(api: Api, told: dict[str, str], missing: set[str]) -> None:
    response = api.post("cases", told)

    assert response.status_code == 400
    assert set(said(response)["errors"]) == missing


def test_what_is_wrong_in_the_process_s_own_fields_is_said_with_the_rest(api: Api) -> None:
    told = opening(card=str(make_card().public_id), reason="bored") | {"key": ""}

    assert set(said(api.post("cases", told))["errors"]) == {"key", "reason"}


@pytest.mark.parametrize(("process", "status"), [("loan", 404), ("home_visit", 404), ("x" * 61, 400), ("", 400)])
def test_a_process_that_nobody_opens_is_refused_on_its_field(api: Api, process: str, status: int) -> None:
    response = api.post("cases", opening(process=process, card=str(make_card().public_id)))

    assert response.status_code == status
    assert "process" in (said(response)["field"], *said(response).get("errors", {}))


def test_a_role_that_opens_no_such_case_is_403(api_of: MakeApi) -> None:
    response = api_of(role=Role.COMPLIANCE).post("cases", opening(card=str(make_card().public_id)))

    assert (response.status_code, said(response)["code"]) == (403, "may_not_open")
    assert not Case.objects.exists()


def test_a_card_is_named_by_its_last_four_where_the_customer_is_named_too(api: Api) -> None:
    card = make_card()
    told = opening(card=card.last_four)

    alone = api.post("cases", told)
    named = api.post("cases", told | {"customer": str(card.customer.public_id)})

    assert (alone.status_code, set(said(alone)["errors"])) == (400, {"customer"})
    assert (named.status_code, Case.objects.get(reference=said(named)["reference"]).subject) == (201, str(card))


def test_a_card_of_somebody_else_is_400_on_its_field(api: Api) -> None:
    told = opening(card=str(make_card().public_id), customer=str(make_card().customer.public_id))

    response = api.post("cases", told)

    assert (response.status_code, set(said(response)["errors"])) == (400, {"card"})


@pytest.mark.parametrize(("customer", "status"), [("nonsense", 400), (str(uuid.UUID(int=7)), 404)])
def test_a_customer_who_is_none_is_refused_on_the_field(api: Api, customer: str, status: int) -> None:
    response = api.post("cases", opening(card=str(make_card().public_id), customer=customer))

    assert response.status_code == status
    assert "customer" in (said(response)["field"], *said(response).get("errors", {}))


def test_an_unknown_card_is_404_and_a_card_in_hand_409(api: Api) -> None:
    card = make_card()
    open_card_case(card)

    unknown = api.post("cases", opening(card=str(uuid.uuid4())))
    in_hand = api.post("cases", opening(card=str(card.public_id)))

    assert (unknown.status_code, said(unknown)["field"]) == (404, "card")
    assert (in_hand.status_code, said(in_hand)["field"]) == (409, "card")


def test_a_case_is_stopped_and_stopping_twice_is_once(api: Api) -> None:
    case = open_card_case(make_card())

    first = api.post(f"cases/{case.reference}/withdrawal", {"reason": "The card was found"})
    again = api.post(f"cases/{case.reference}/withdrawal", {})

    assert (first.status_code, said(first)["state"]) == (200, "stopping")
    assert (again.status_code, said(again)["state"]) == (200, "stopping")
    assert case.timeline.filter(kind="case.withdraw_requested").count() == 1


def test_past_the_point_of_no_return_stopping_is_409(api: Api) -> None:
    case = open_card_case(make_card())
    Case.objects.filter(pk=case.pk).update(past_no_return=True)

    response = api.post(f"cases/{case.reference}/withdrawal", {})

    assert response.status_code == 409
    assert "too late to stop" in said(response)["sentence"]


def test_a_role_that_does_not_stop_cases_is_403(api_of: MakeApi) -> None:
    case = open_card_case(make_card())

    assert api_of(role=Role.APPROVER).post(f"cases/{case.reference}/withdrawal", {}).status_code == 403
    assert Case.objects.get(pk=case.pk).state == CaseState.OPEN
