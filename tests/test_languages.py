"""Only what has a catalogue is offered; pages, mails, `lang` and dates agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from backoffice.customers.models import Customer
from backoffice.languages import offered, with_catalogue
from backoffice.messages import composing
from backoffice.messages.catalogue import all_kinds
from backoffice.staff.models import User
from tests.factories import make_card, make_customer, make_staff, sign_in
from tests.playing import ask, open_card_case

pytestmark = pytest.mark.django_db
NOT_OFFERED = ["pl", "nl", "de", "ar", "pt-br", "tlh", ""]
"""Django has words for most of them; we have for none."""


@pytest.fixture(autouse=True)
def _kept_language() -> Iterator[None]:
    with translation.override(None):
        yield


def catalogue(folder: Path, name: str) -> None:
    (folder / name / "LC_MESSAGES").mkdir(parents=True)
    (folder / name / "LC_MESSAGES" / "django.mo").touch()


def test_only_a_language_with_a_compiled_catalogue_is_offered(tmp_path: Path) -> None:
    catalogue(tmp_path, "pl")
    catalogue(tmp_path, "pt_BR")
    (tmp_path / "nl" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "nl" / "LC_MESSAGES" / "django.po").touch()

    assert with_catalogue(tmp_path) == [("en", "English"), ("pl", "Polski"), ("pt-br", "Português brasileiro")]
    assert with_catalogue(tmp_path / "missing") == [("en", "English")]


def test_what_is_offered_here_is_what_lies_in_the_tree() -> None:
    folder = Path(settings.LOCALE_PATHS[0])

    assert with_catalogue(folder) == settings.LANGUAGES
    assert Customer._meta.get_field("language").flatchoices == settings.LANGUAGES


@pytest.mark.parametrize("language", NOT_OFFERED)
def test_a_customer_who_wants_another_language_is_answered_in_english(client: Client, language: str) -> None:
    customer = _stored(language)
    case = open_card_case(make_card(customer=customer))
    item = ask(case, "prove_identity")
    item.due_at = datetime(2027, 1, 5, 16, 0, tzinfo=UTC)
    item.save()
    client.force_login(_user(customer), backend="django.contrib.auth.backends.ModelBackend")

    answer = client.get(reverse("portal:case", args=[case.reference]), headers={"accept-language": language or "pl"})

    page = answer.content.decode()
    assert answer.headers["Content-Language"] == "en"
    assert '<html lang="en" dir="ltr">' in page
    assert "Tuesday 5 January, 17:00 your time" in page
    assert "What happens next" in page


@pytest.mark.parametrize("language", NOT_OFFERED)
def test_each_message_to_them_is_english_with_english_dates(language: str) -> None:
    customer = Customer(given_name="Żaneta", language=language, time_zone="Europe/Warsaw", phrase="blue kettle 7")
    context = {"until": "2027-01-05T16:00:00+00:00", "last_four": "4242"}
    dated = 0

    for template in all_kinds():
        words = composing.mail(
            template, customer=customer, case_reference="K7Q-4MX-2", check_code="4F7-K2M-9QX-3TR-6Y", context=context
        )
        assert re.search(r'<html lang="en">', words.html)
        dated += "Tuesday 5 January, 17:00 your time" in words.text
    assert dated


@pytest.mark.parametrize("path", ["/", "/check/", "/join/", "/account/login/", "/nowhere/"])
@pytest.mark.parametrize("language", ["pl", "nl-BE,nl;q=0.9", "ar", "en-GB", "*", "pl;q=x"])
def test_the_public_pages_call_themselves_english_whatever_is_asked_for(
    client: Client, path: str, language: str
) -> None:
    client.cookies["django_language"] = "pl"

    page = client.get(path, headers={"accept-language": language}, follow=True)

    assert '<html lang="en" dir="ltr">' in page.content.decode()
    assert page.headers.get("Content-Language", "en") == "en"


@pytest.mark.parametrize("path", ["/desk/", "/desk/customers/customer/"])
def test_the_desk_calls_itself_english_whatever_is_asked_for(client: Client, path: str) -> None:
    page = sign_in(client, make_staff()).get(path, headers={"accept-language": "pl"})

    assert page.status_code == 200
    assert re.search(r'<html lang="en"', page.content.decode())


def test_the_api_refuses_in_english_whatever_is_asked_for(client: Client) -> None:
    polish = client.get("/api/v1/cases", headers={"accept-language": "pl"})

    assert polish.json() == client.get("/api/v1/cases").json()


def test_staff_read_the_language_in_which_we_write() -> None:
    assert [_stored(language).written_language for language in ("pl", "en")] == ["English", "English"]


def test_a_catalogue_makes_its_language_offered(settings: LazySettings) -> None:
    assert [offered(language) for language in NOT_OFFERED] == ["en"] * len(NOT_OFFERED)
    settings.LANGUAGES = [("en", "English"), ("pl", "Polski")]
    assert offered("pl") == "pl"


def _stored(language: str) -> Customer:
    customer = make_customer(time_zone="Europe/Amsterdam")
    customer.language = language
    customer.save()
    return customer


def _user(customer: Customer) -> User:
    assert customer.user is not None
    return customer.user
