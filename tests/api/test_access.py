"""Who may use the API, how often, and how it describes itself."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from knox.models import AuthToken
from rest_framework.throttling import SimpleRateThrottle, UserRateThrottle

from backoffice.api import urls
from backoffice.networks import ScopedThrottle, UserThrottle
from backoffice.staff.models import Role
from tests.api.conftest import Api, addresses, said
from tests.factories import make_customer, make_staff, now, sign_in

MakeApi = Callable[..., Api]
READS_NO_CASES = (Role.FIELD, Role.ADMINISTRATOR)
ADDRESSES = ["processes", "cases", "cases/K7Q-4MX-2", "cases/K7Q-4MX-2/timeline", "items"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES)
def test_without_a_token_nothing_is_said(anybody: Api, address: str) -> None:
    response = anybody.get(address)

    assert response.status_code == 401
    assert set(said(response)) == {"code", "sentence", "field"}


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["nonsense", "0" * 64, "é", ""])
def test_a_token_that_is_none_is_401(anybody: Api, token: str) -> None:
    response = anybody.client.get("/api/v1/cases", headers={"authorization": f"Token {token}"})

    assert response.status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize("role", READS_NO_CASES)
def test_a_role_that_reads_no_cases_is_403(api_of: MakeApi, role: Role) -> None:
    for address in ADDRESSES:
        assert api_of(role=role).get(address).status_code == 403


@pytest.mark.django_db
def test_the_token_of_a_user_who_was_switched_off_is_dead(api: Api) -> None:
    assert api.user is not None
    assert api.get("cases").status_code == 200

    api.user.is_active = False
    api.user.save(update_fields=["is_active"])

    assert api.get("cases").status_code == 401


@pytest.mark.django_db
def test_a_token_that_has_run_out_is_dead(api: Api) -> None:
    AuthToken.objects.update(expiry=now() - timedelta(seconds=1))

    assert api.get("cases").status_code == 401


@pytest.mark.django_db
def test_the_session_of_a_customer_is_refused() -> None:
    user = make_customer().user
    assert user is not None
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    for address in ADDRESSES:
        assert client.get(f"/api/v1/{address}").status_code == 403


@pytest.mark.django_db
def test_a_session_of_staff_needs_the_second_factor_and_the_token_of_the_form() -> None:
    user = make_staff(role=Role.SUPPORT)
    without, with_factor = sign_in(Client(), user, factor=False), sign_in(Client(enforce_csrf_checks=True), user)

    assert without.get("/api/v1/cases").status_code == 403
    assert with_factor.get("/api/v1/cases").status_code == 200
    assert with_factor.post("/api/v1/cases", {}, content_type="application/json").status_code == 403


def test_every_address_is_limited() -> None:
    rates = SimpleRateThrottle.THROTTLE_RATES
    names = set()
    for _address, pattern in addresses(urls.urlpatterns):
        names.add(pattern.name)
        view = pattern.callback.view_class  # type: ignore[attr-defined]
        assert view.throttle_classes, pattern.name
        assert set(view.throttle_classes) <= {UserThrottle, ScopedThrottle}, "others count single addresses"
        if ScopedThrottle in view.throttle_classes:
            assert view.throttle_scope in rates
    assert {"cases", "processes", "fraud", "issuer-events"} <= names


@pytest.mark.django_db
def test_too_many_requests_are_429_and_say_when_to_come_again(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"user": "2/min"})

    answers = [api.get("cases") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert said(answers[2])["code"] == "throttled"
    assert int(answers[2]["Retry-After"]) > 0


@pytest.mark.django_db
def test_a_token_is_made_once_and_kept_as_a_hash(anybody: Api) -> None:
    user, out = make_staff(role=Role.SUPPORT), io.StringIO()

    call_command("api_token", user.username, "--days", "7", stdout=out)

    token = out.getvalue().strip()
    stored = AuthToken.objects.get(user=user)
    assert token not in (stored.digest, stored.token_key)
    assert stored.expiry - now() < timedelta(days=7)
    assert anybody.client.get("/api/v1/cases", headers={"authorization": f"Token {token}"}).status_code == 200


@pytest.mark.django_db
def test_no_token_is_made_for_customers_for_nobody_or_for_ever() -> None:
    customer, gone, agent = make_customer().user, make_staff(is_active=False), make_staff()
    assert customer is not None

    for arguments in ([customer.username], [gone.username], ["nobody"], [agent.username, "--days", "5000"]):
        with pytest.raises(CommandError):
            call_command("api_token", *arguments)
    assert not AuthToken.objects.exists()


@pytest.mark.django_db
def test_the_schema_is_served_to_anybody_and_is_without_faults(tmp_path: Path) -> None:
    written = tmp_path / "schema.json"

    call_command("spectacular", "--fail-on-warn", "--validate", "--format", "openapi-json", "--file", str(written))

    paths = json.loads(written.read_text())["paths"]
    assert {"/api/v1/cases", "/api/v1/items/{item_id}/answer", "/api/v1/signals/fraud"} <= set(paths)
    assert Client().get("/api/schema/").status_code == 200


@pytest.mark.django_db
def test_alive_and_ready() -> None:
    assert Client().get("/livez").json() == {"live": True}
    assert Client().get("/readyz").json() == {"ready": True}


NO_DATABASE = """
import django
django.setup()
from django.conf import settings
from django.test import Client
settings.ALLOWED_HOSTS = ["*"]
settings.DATABASES["default"]["OPTIONS"]["pool"]["timeout"] = 1
print(Client().get("/livez").status_code, Client().get("/readyz").status_code, Client().get("/readyz").json())
"""


def test_without_a_database_it_is_alive_and_not_ready() -> None:
    """In a separate OS process, which has no database."""
    nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing?connect_timeout=1"}
    environment = {**os.environ, **nowhere, "DJANGO_SETTINGS_MODULE": "backoffice.settings"}

    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", NO_DATABASE],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )

    assert told.stdout.strip() == "200 503 {'ready': False, 'database': 'away'}", told.stderr[-2000:]
