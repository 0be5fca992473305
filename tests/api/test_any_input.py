"""Whatever is sent, the API answers in JSON and with a proper status: never 500, and nothing is half done."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from backoffice.cases.models import Case, Event, ItemState, WorkItem
from backoffice.staff.models import Role, User
from tests.api.conftest import Api
from tests.cards.signing import signed_event, signed_signal
from tests.factories import make_card, make_staff
from tests.playing import ask, open_card_case

pytestmark = pytest.mark.django_db

_fuzz = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXT = st.text(st.characters(exclude_categories=[]), max_size=12) | st.sampled_from(
    ["", "\0", "\ud800", "NaN", "-1", "9" * 400, "2026-02-30", "approved", "true", "card_reissue", "0001-01-01"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


def an_object(*names: str) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, VALUES)) | VALUES


def is_an_answer(response: Any) -> None:
    assert response.status_code < 500, response.content
    assert response["content-type"].startswith("application/json") or response.status_code == 404
    if response["content-type"].startswith("application/json") and response.status_code >= 400:
        assert {"code", "sentence", "field"} <= set(json.loads(response.content))


@pytest.fixture
def everything(api_of: Callable[..., Api]) -> Api:
    """Somebody with all roles of the desk."""
    user = make_staff(role=Role.SUPPORT)
    for role in (Role.SUPERVISOR, Role.APPROVER, Role.COMPLIANCE):
        user.groups.add(*make_staff(role=role).groups.all())
    return api_of(User.objects.get(pk=user.pk))


@_fuzz
@given(
    content=an_object("process", "key", "card", "reason"),
    typed=TEXT,
    query=st.dictionaries(st.sampled_from(["state", "process", "after", "mine"]), TEXT),
)
@example(content={}, typed="\0", query={"after": "2026-11-28T10:00:00_x"})
@example(content={}, typed="..", query={"after": "9999-12-31T23:59:59-14:00_"})
def test_cases_and_lists(everything: Api, content: Any, typed: str, query: dict[str, str]) -> None:
    reference = quote(typed.encode(errors="surrogatepass"), safe="")
    query = {name: value.encode(errors="replace").decode() for name, value in query.items()}

    for response in (
        everything.get("cases", **query),
        everything.get("items", **query),
        everything.get(f"cases/{reference}"),
        everything.get(f"cases/{reference}/timeline"),
        everything.post("cases", content),
        everything.post(f"cases/{reference}/withdrawal", content),
    ):
        is_an_answer(response)


@pytest.fixture
def case() -> Case:
    return open_card_case(make_card())


KINDS = ["call_customer", "correct_address", "identify_at_branch", "approve_reissue", "hand_over_at_branch"]


@_fuzz
@given(
    content=an_object("outcome", "reason", "document", "document_last"),
    raw=st.none() | st.binary(max_size=20),
    kind=st.sampled_from(KINDS),
)
def test_answers(everything: Api, case: Case, content: Any, raw: bytes | None, kind: str) -> None:
    item = WorkItem.objects.filter(case=case, kind=kind, state=ItemState.OPEN).first() or ask(case, kind)
    answers = Event.objects.filter(kind="item.answered").count()

    response = everything.post(f"items/{item.id}/answer", content, raw=raw)

    is_an_answer(response)
    item.refresh_from_db()
    written = Event.objects.filter(kind="item.answered").count() - answers
    assert (written == 1) == (response.status_code == 200 and item.state == ItemState.ANSWERED)
    is_an_answer(everything.get(f"items/{item.id}"))


@_fuzz
@given(
    data=an_object("card", "payments"),
    payments=st.lists(an_object("id", "amount", "currency", "merchant", "at"), max_size=3),
    known=st.booleans(),
)
def test_signals(anybody: Api, case: Case, data: Any, payments: list[Any], known: bool) -> None:
    card = make_card().issuer_token
    told = {"data": {"card": card, "payments": payments} if known else data}
    body = json.dumps(told).encode()

    is_an_answer(anybody.post("signals/fraud", raw=body, **signed_signal(body)))


@_fuzz
@given(
    content=an_object("id", "type", "created", "data"),
    card=an_object("id", "status", "shipping", "metadata"),
    headers=st.dictionaries(
        st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature", "stripe-signature"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
    ),
)
def test_events_of_the_issuer_and_any_headers(anybody: Api, content: Any, card: Any, headers: dict[str, str]) -> None:
    for told in (
        content,
        {"id": "evt_1", "type": "issuing_card.updated", "created": 1, "data": {"object": card}},
    ):
        body = json.dumps(told).encode()
        is_an_answer(anybody.post("webhooks/issuer", raw=body, **signed_event(body)))
        is_an_answer(anybody.post("webhooks/issuer", raw=body, **headers))
        is_an_answer(anybody.post("signals/fraud", raw=body, **headers))


UNREADABLE = ['"a\\u0000b"', '"\\ud800"', '{"a\\u0000": 1}', '[[{"a": ["\\udfff"]}]]', '"\\udc00\\ud800"']


@pytest.mark.parametrize("raw", UNREADABLE)
@pytest.mark.parametrize("path", ["cases", "cases/K7Q-4MX-2/withdrawal"])
def test_json_that_no_database_could_hold_is_refused(everything: Api, path: str, raw: str) -> None:
    response = everything.post(path, raw=f'{{"process": {raw}, "reason": {raw}}}'.encode())

    assert response.status_code == 400
    assert json.loads(response.content)["code"] == "parse_error"


ODD = [
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"9" * 5_000,
    b"1e999",
    b"NaN",
    b"-Infinity",
    b"\xff\xfe{}",
    b'"\xed\xa0\x80"',
    b"\0",
]


@pytest.mark.parametrize("raw", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("path", ["cases", "signals/fraud", "webhooks/issuer"])
def test_what_is_hardly_json_is_refused(everything: Api, path: str, raw: bytes) -> None:
    sign = {"signals/fraud": signed_signal, "webhooks/issuer": signed_event}.get(path)
    try:
        headers = sign(raw) if sign else {}
    except UnicodeDecodeError:  # nobody can sign it
        headers = {}

    response = everything.post(path, raw=raw, **headers)

    is_an_answer(response)
    assert response.status_code == (400 if headers or not sign else 401)


@pytest.mark.parametrize("odd", ["evt\0", "\ud800", "e" * 5_000, "\u0301" * 5_000])
def test_an_event_of_the_issuer_with_an_odd_id_breaks_nothing(anybody: Api, odd: str) -> None:
    card = make_card()
    told = {
        "id": odd,
        "type": "issuing_card.updated",
        "created": 1_800_000_000,
        "data": {"object": {"id": card.issuer_token, "status": "active", "shipping": None, "metadata": {"case": odd}}},
    }
    body = json.dumps(told).encode()

    is_an_answer(anybody.post("webhooks/issuer", raw=body, **signed_event(body)))


def test_a_long_key_of_a_late_user_is_refused_before_the_database_sees_it(api_of: Callable[..., Api]) -> None:
    late = api_of(make_staff(role=Role.SUPPORT, id=10**9))
    content = {"process": "card_reissue", "card": str(make_card().public_id), "reason": "lost", "key": "k" * 90}

    response = late.post("cases", content)

    assert (response.status_code, list(json.loads(response.content)["errors"])) == (400, ["key"])
