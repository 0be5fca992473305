from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module, reload

import pytest
from django.conf import LazySettings, settings
from django.test import Client, RequestFactory, override_settings
from django.urls import clear_url_caches

from backoffice.staff.models import Role
from demo.people import PEOPLE
from demo.views import is_allowed
from tests.demo.loading import load
from tests.factories import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    """A browser on this machine."""
    return Client(HTTP_HOST="127.0.0.1")


@pytest.fixture
def demo_mode() -> Iterator[None]:
    with override_settings(DEMO_MODE=True):
        _reload_urls()
        yield
    _reload_urls()


def _reload_urls() -> None:
    """The URL exists only while the mode is on, which is decided when the URLs are loaded."""
    reload(import_module(settings.ROOT_URLCONF))
    clear_url_caches()


@pytest.mark.usefixtures("demo_mode")
def test_one_press_signs_in_with_the_factor_counted_as_shown(client: Client) -> None:
    load()

    page = client.get("/demo/").content.decode()
    entered = client.post("/demo/hanna/")

    assert all(person.name in page for person in PEOPLE)
    assert entered.headers["Location"] == "/desk/"
    assert client.get("/desk/").status_code == 200


@pytest.mark.usefixtures("demo_mode")
def test_each_person_lands_on_their_face(client: Client) -> None:
    load()

    landed = {name: client.post(f"/demo/{name}/").headers["Location"] for name in ("maria", "viktor", "otto")}

    assert landed == {"maria": "/portal/", "viktor": "/field/", "otto": "/desk/"}


@pytest.mark.usefixtures("demo_mode")
def test_nobody_elses_account_opens_with_one_press(client: Client) -> None:
    user = make_staff(role=Role.ADMINISTRATOR)

    assert client.post(f"/demo/{user.username}/").status_code == 404
    assert "_auth_user_id" not in client.session


@pytest.mark.usefixtures("demo_mode")
def test_opening_the_address_signs_nobody_in() -> None:
    load()
    client = Client(enforce_csrf_checks=True, HTTP_HOST="localhost")

    assert client.get("/demo/hanna/").status_code == 405
    assert client.post("/demo/hanna/").status_code == 403
    assert "_auth_user_id" not in client.session


@pytest.mark.usefixtures("demo_mode")
@pytest.mark.parametrize(
    "headers",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"HTTP_HOST": "countersign.example"},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"HTTP_HOST": "127.0.0.1.example.org"},
    ],
)
def test_it_refuses_everybody_who_is_not_on_this_machine(settings: LazySettings, headers: dict[str, str]) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    load()
    client = Client(**({"HTTP_HOST": "127.0.0.1"} | headers))  # type: ignore[arg-type]

    assert client.get("/demo/").status_code == 404
    assert client.post("/demo/hanna/").status_code == 404


def test_it_refuses_when_the_mode_is_off_or_in_production(settings: LazySettings) -> None:
    request = RequestFactory().get("/demo/", HTTP_HOST="127.0.0.1:8000")

    assert not is_allowed(request)
    settings.DEMO_MODE = True
    assert is_allowed(request)
    settings.PRODUCTION = True
    assert not is_allowed(request)


def test_there_is_no_such_address_when_the_mode_is_off(client: Client) -> None:
    assert client.get("/demo/").status_code == 404
