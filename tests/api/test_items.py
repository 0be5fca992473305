"""Work items through the API: the same rules, words and refusals as on every face."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from backoffice.cases import catalogue, freezing
from backoffice.cases.models import Case, Event, ItemState, Part, WorkItem
from backoffice.staff.models import Role, User
from tests.api.conftest import Api, said
from tests.factories import actor, make_card, make_staff
from tests.playing import advance, ask, open_card_case

pytestmark = pytest.mark.django_db
MakeApi = Callable[..., Api]
APPROVED = {"outcome": "approved", "reason": "All is in order"}


@pytest.fixture
def case() -> Case:
    return open_card_case(make_card())


@pytest.fixture
def approver(api_of: MakeApi) -> Api:
    return api_of(role=Role.APPROVER)


@pytest.fixture
def approval(case: Case) -> WorkItem:
    return ask(case, "approve_reissue")


def is_untouched(item: WorkItem) -> bool:
    events = Event.objects.filter(kind__startswith="item.answered").count()
    item.refresh_from_db()
    return item.state == ItemState.OPEN and item.answered_by is None and events == 0


def test_the_list_has_what_i_may_do(approver: Api, approval: WorkItem, case: Case) -> None:
    ask(case, "call_customer")

    listed = said(approver.get("items"))["results"]

    assert [(item["id"], item["case"], item["kind"]) for item in listed] == [
        (str(approval.id), case.reference, "approve_reissue")
    ]
    assert said(approver.get("items", mine="yes"))["results"] == []


def test_the_schema_is_that_of_the_form(approver: Api, approval: WorkItem) -> None:
    assert approver.user is not None
    form = catalogue.answering(approval).form_for(approval, by=actor(approver.user))

    shown = said(approver.get(f"items/{approval.id}"))

    schema = shown["schema"]
    assert shown["why_not"] == ""
    assert list(schema["properties"]) == list(form.fields)
    assert schema["required"] == [name for name, field in form.fields.items() if field.required]
    assert schema["additionalProperties"] is False
    choices = [value for value, _label in form.fields["outcome"].choices]  # type: ignore[attr-defined]
    assert schema["properties"]["outcome"]["enum"] == choices


def test_who_may_not_answer_sees_why_and_no_schema(api: Api, case: Case) -> None:
    survey = ask(case, "email_survey")
    approval = ask(case, "approve_reissue")

    for item in (survey, approval):
        shown = said(api.read(f"items/{item.id}"))

        assert shown["why_not"]
        assert shown["schema"] is None


def test_an_answer_is_taken_and_twice_is_once(approver: Api, approval: WorkItem) -> None:
    first = approver.post(f"items/{approval.id}/answer", APPROVED)
    events = Event.objects.count()
    again = approver.post(f"items/{approval.id}/answer", {"outcome": "rejected", "reason": "Changed my mind"})

    assert said(first) == {"id": str(approval.id), "outcome": "approved", "again": False}
    assert (again.status_code, said(again)) == (200, {"id": str(approval.id), "outcome": "approved", "again": True})
    assert Event.objects.count() == events


def test_answered_by_another_it_is_409(approver: Api, api_of: MakeApi, approval: WorkItem) -> None:
    approver.post(f"items/{approval.id}/answer", APPROVED)

    other = api_of(role=Role.APPROVER).post(f"items/{approval.id}/answer", APPROVED)

    assert (other.status_code, said(other)["code"]) == (409, "already_answered")
    assert "Nothing was changed" in said(other)["sentence"]


def test_all_errors_come_at_once(approver: Api, approval: WorkItem) -> None:
    response = approver.post(f"items/{approval.id}/answer", {"outcome": "perhaps"})

    assert response.status_code == 400
    assert set(said(response)["errors"]) == {"outcome", "reason"}
    assert is_untouched(approval)


def test_nested_values_are_refused_on_their_fields(approver: Api, approval: WorkItem) -> None:
    response = approver.post(f"items/{approval.id}/answer", {"outcome": ["approved"], "reason": {"a": 1}})

    assert response.status_code == 400
    assert set(said(response)["errors"]) == {"outcome", "reason"}


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b'"text"', b"not json", b"[" * 5000, b'{"reason": "\\ud800"}', b"\xff"]
)
def test_a_body_that_is_no_answer_is_400(approver: Api, approval: WorkItem, body: bytes) -> None:
    response = approver.post(f"items/{approval.id}/answer", raw=body)

    assert response.status_code == 400
    assert {"code", "sentence", "field"} <= set(said(response))
    assert is_untouched(approval)


def test_an_unknown_item_is_404(approver: Api) -> None:
    for path in ("", "/answer", "/claim"):
        address = f"items/{uuid.uuid4()}{path}"
        response = approver.post(address, APPROVED) if path else approver.get(address)

        assert (response.status_code, said(response)["code"]) == (404, "unknown_item")


def test_an_item_of_another_role_is_403(api: Api, approval: WorkItem) -> None:
    response = api.post(f"items/{approval.id}/answer", APPROVED)

    assert (response.status_code, said(response)["code"]) == (403, "not_your_role")
    assert is_untouched(approval)


def test_the_customers_answers_never_come_by_a_token_of_staff(api_of: MakeApi, case: Case) -> None:
    survey, activation = ask(case, "email_survey"), ask(case, "activate_card")

    for role in Role:
        if role == Role.FIELD:
            continue
        for item in (survey, activation):
            response = api_of(role=role).post(f"items/{item.id}/answer", {"last_four": "4242"})

            assert response.status_code in (403, 404)
            assert is_untouched(item)


def test_an_item_that_another_has_claimed_is_409(approver: Api, api_of: MakeApi, approval: WorkItem) -> None:
    other = api_of(role=Role.APPROVER)
    assert other.post(f"items/{approval.id}/claim").status_code == 200

    for path in ("claim", "answer"):
        response = approver.post(f"items/{approval.id}/{path}", APPROVED)

        assert (response.status_code, said(response)["code"]) == (409, "held_by_another")
    assert is_untouched(approval)


def test_claiming_twice_is_once_and_giving_back_frees_it(approver: Api, approval: WorkItem) -> None:
    for _time in range(2):
        assert said(approver.post(f"items/{approval.id}/claim"))["claimed"] is True
    assert Event.objects.filter(kind="item.claimed").count() == 1
    assert [item["id"] for item in said(approver.get("items", mine="yes"))["results"]] == [str(approval.id)]

    assert said(approver.delete(f"items/{approval.id}/claim"))["claimed"] is False
    assert approver.delete(f"items/{approval.id}/claim").status_code == 409


def test_what_a_colleague_holds_is_given_back_by_them_or_a_supervisor(api_of: MakeApi, approval: WorkItem) -> None:
    holder = api_of(role=Role.APPROVER)
    holder.post(f"items/{approval.id}/claim")

    assert api_of(role=Role.APPROVER).delete(f"items/{approval.id}/claim").status_code == 403
    assert api_of(role=Role.SUPERVISOR).delete(f"items/{approval.id}/claim").status_code == 200


def freeze(item: WorkItem) -> None:
    freezing.freeze(case_id=item.case_id, by=actor(make_staff(role=Role.SUPERVISOR)), reason="suspicion")


def expire(item: WorkItem) -> None:
    advance(item.case, expires=(item.step,))


def withdraw(item: WorkItem) -> None:
    advance(item.case, withdraws=(item.step,))


@pytest.mark.parametrize(
    ("happens", "code"),
    [(freeze, "frozen"), (expire, "expired"), (withdraw, "withdrawn")],
    ids=["freeze", "expire", "withdraw"],
)
def test_what_is_closed_meanwhile_is_409_with_what_happened(
    approver: Api, approval: WorkItem, happens: Callable[[WorkItem], None], code: str
) -> None:
    happens(approval)
    events = Event.objects.count()

    response = approver.post(f"items/{approval.id}/answer", APPROVED)

    assert (response.status_code, said(response)["code"]) == (409, code)
    assert said(response)["sentence"]
    assert Event.objects.count() == events


class TestThreat7:
    """A person who opened, visited or reviewed never approves, and cannot do so through the API either."""

    @pytest.fixture
    def insider(self) -> User:
        user = make_staff(role=Role.SUPPORT)
        user.groups.add(*make_staff(role=Role.APPROVER).groups.all())
        return User.objects.get(pk=user.pk)

    @pytest.mark.parametrize("path", ["answer", "claim"])
    def test_who_opened_the_case_by_the_api_cannot_approve_it(self, api_of: MakeApi, insider: User, path: str) -> None:
        api = api_of(insider)
        told = {"process": "card_reissue", "key": "k", "reason": "stolen", "card": str(make_card().public_id)}
        case = Case.objects.get(reference=said(api.post("cases", told))["reference"])
        approval = ask(case, "approve_reissue")

        response = api.post(f"items/{approval.id}/{path}", APPROVED)

        assert (response.status_code, said(response)["code"]) == (403, "four_eyes")
        assert is_untouched(approval)

    @pytest.mark.parametrize("part", ["visitor", "reviewer"])
    def test_who_had_another_part_cannot_approve(self, approver: Api, approval: WorkItem, part: str) -> None:
        assert approver.user is not None
        Part.objects.create(root=approval.case, user=approver.user, part=part)

        response = approver.post(f"items/{approval.id}/answer", APPROVED)

        assert (response.status_code, said(response)["code"]) == (403, "four_eyes")
        assert is_untouched(approval)

    def test_an_actor_in_the_body_changes_nothing(self, api: Api, approval: WorkItem) -> None:
        told: dict[str, Any] = {**APPROVED, "by": "system", "actor": {"kind": "system"}}
        flat = {**APPROVED, "by": "system", "answered_by": "1", "part": ""}

        assert api.post(f"items/{approval.id}/answer", told).status_code in (400, 403)
        assert api.post(f"items/{approval.id}/answer", flat).status_code == 403
        assert is_untouched(approval)
