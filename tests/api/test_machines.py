"""The middleware path for machines has everything that protects, and nothing that only people need."""

from __future__ import annotations

import pytest
import structlog
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries
from rest_framework.throttling import ScopedRateThrottle
from structlog.testing import capture_logs

from backoffice import raw_input
from backoffice.api import urls
from backoffice.machines import Signed
from tests.api.conftest import Api, addresses, said
from tests.cards.signing import issuer_event, signal_of, signed_event, signed_signal
from tests.factories import make_card

pytestmark = pytest.mark.django_db
ISSUER = "webhooks/issuer"


def forged(anybody: Api, **headers: str) -> HttpResponse:
    body = issuer_event("ic_1")
    return anybody.post(ISSUER, raw=body, **signed_event(body, secret="whsec_of_nobody"), **headers)


def signed(anybody: Api) -> HttpResponse:
    body = issuer_event("ic_1").replace(b"issuing_card.updated", b"issuing_dispute.created")
    return anybody.post(ISSUER, raw=body, **signed_event(body))


def test_who_signs_takes_the_short_way_and_nobody_else_does() -> None:
    found = {
        address: issubclass(pattern.callback.view_class, Signed)  # type: ignore[attr-defined]
        for address, pattern in addresses(urls.urlpatterns)
    }

    assert found == {address: address.startswith(raw_input.MACHINES) for address in found}
    assert True in found.values()


@pytest.mark.parametrize("path", ["/api/v1/webhooks/issuer", "/api/v1/signals/fraud", "/api/v1/signals/nothing"])
def test_an_answer_to_a_machine_protects_like_any_other(client: Client, path: str) -> None:
    protecting = {
        *("Content-Security-Policy", "Permissions-Policy", "X-Content-Type-Options", "Referrer-Policy"),
        *("Cross-Origin-Opener-Policy", "X-Frame-Options", "Cache-Control"),
    }
    people = client.get("/api/v1/cases")

    machine = client.post(path, b"{}", content_type="application/json")

    for name in protecting:
        wanted, found = (sorted(answer.headers[name].split("; ")) for answer in (people, machine))
        assert found == wanted, name
    assert int(machine.headers["Content-Length"]) == len(machine.content)


def test_an_answer_to_a_machine_needs_no_session_and_no_query(
    anybody: Api, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        answers = [forged(anybody), signed(anybody)]

    assert [answer.status_code for answer in answers] == [401, 200]
    assert not any(answer.cookies or answer.has_header("Vary") for answer in answers)
    assert not Session.objects.exists()


def test_a_host_that_we_do_not_serve_is_refused(anybody: Api) -> None:
    body = issuer_event("ic_1")

    answer = anybody.client.post(
        f"/api/v1/{ISSUER}", body, "application/json", headers={"host": "evil.example", **signed_event(body)}
    )

    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/api/v1/webhooks/issuer", "/api/v1/webhooks/telephony", "/api/v1/signals/fraud"])
def test_a_machine_can_only_send(client: Client, path: str) -> None:
    assert client.get(path).status_code == 405


def test_each_line_of_the_log_names_the_request(anybody: Api) -> None:
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as first:
        forged(anybody)
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as second:
        forged(anybody)

    for lines in (first, second):
        warnings = [line["event"] for line in lines if line["log_level"] == "warning"]
        assert warnings == ["issuer's event refused", "request_finished"]
    assert [len({line["request_id"] for line in lines}) for lines in (first, second, first + second)] == [1, 1, 2]
    assert "request_id" not in structlog.contextvars.get_contextvars()


def test_a_machine_is_answered_in_our_language_and_the_thread_keeps_its_own(anybody: Api) -> None:
    english = said(forged(anybody))["sentence"]

    with translation.override("pl"):
        answer = forged(anybody, **{"accept-language": "pl"})
        kept = translation.get_language()

    assert said(answer)["sentence"] == english
    assert kept == "pl"


def test_who_cannot_sign_is_limited_and_who_can_is_not(anybody: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"unsigned": "2/min"})

    before = [signed(anybody).status_code for _ in range(3)]
    wrong = [forged(anybody) for _ in range(3)]
    after = signed(anybody)

    assert before == [200, 200, 200]
    assert [answer.status_code for answer in wrong] == [401, 401, 429]
    assert (said(wrong[2])["code"], int(wrong[2]["Retry-After"]) > 0) == ("throttled", True)
    assert after.status_code == 200, "another machine behind the same address still is heard"


def test_an_old_signature_is_limited_too(anybody: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"unsigned": "1/min"})
    body = signal_of(make_card())
    headers = signed_signal(body) | {"webhook-timestamp": "1700000000"}

    answers = [anybody.post("signals/fraud", raw=body, **headers) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [400, 429]


def test_a_signed_request_counts_nothing_in_the_cache(anybody: Api) -> None:
    signed(anybody)

    assert cache.get("throttle_unsigned_127.0.0.1") is None
    forged(anybody)
    assert len(cache.get("throttle_unsigned_127.0.0.1")) == 1
