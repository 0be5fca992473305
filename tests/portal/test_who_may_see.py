"""A customer's pages are their own: for other customers they do not exist, and no cache keeps them."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from backoffice.cases.models import Case, Event, WorkItem
from backoffice.staff.models import Role
from tests.factories import make_domain, make_staff
from tests.playing import ask
from tests.portal.conftest import Person, make_person
from tests.visits import visiting

pytestmark = pytest.mark.django_db
OF_A_CASE = ["case", "status", "stop", "invitation", "confirm_step"]
OF_A_VISIT = [f"home_visit:{name}" for name in ("door", "status", "portrait", "move", "cancel", "nobody")]
OF_AN_ITEM = ["item", "page", "check", "confirm", "done"]
OWN = [
    *("cases", "contacts", "looked", "phrase", "start", "mine", "thing", "open", "take_part", "card_reissue:report"),
    *("calls_now", "calls_proof", "calls_code", "live_ticket"),
]


def arguments(name: str, case: Case, item: WorkItem) -> list[object]:
    if name in ("invitation", "confirm_step"):
        return [case.reference, "new_holder"]
    if name in (*OF_A_CASE, *OF_A_VISIT):
        return [case.reference]
    if name == "thing":
        return ["domains", make_domain(customer=case.customer).public_id]
    if name == "open":
        return ["card_reissue"]
    return [item.id, 1] if name == "page" else [item.id] if name in OF_AN_ITEM else []


def test_every_address_of_the_portal_is_in_these_lists() -> None:
    patterns = get_resolver("backoffice.portal.urls").url_patterns
    own = {pattern.name for pattern in patterns if isinstance(pattern, URLPattern)}
    mounted = {
        f"{pattern.namespace}:{below.name}"
        for pattern in patterns
        if isinstance(pattern, URLResolver) and pattern.namespace in ("home_visit", "card_reissue")
        for below in pattern.url_patterns
        if isinstance(below, URLPattern)
    }

    assert own | mounted == {*OF_A_CASE, *OF_A_VISIT, *OF_AN_ITEM, *OWN}


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", [*OF_A_CASE, *OF_A_VISIT, *OF_AN_ITEM])
def test_another_customers_page_does_not_exist(maria: Person, case: Case, name: str, method: str) -> None:
    visit = visiting.agreed_under(case, hours=72).case
    item = ask(case, "email_survey")
    anna = make_person()
    events = Event.objects.count()

    response = getattr(anna.client, method)(reverse(f"portal:{name}", args=arguments(name, visit, item)))

    only_read = method == "post" and response.status_code == 405
    assert response.status_code == 404 or only_read
    assert Event.objects.count() == events


@pytest.mark.parametrize("name", [*OF_A_CASE, *OF_A_VISIT, *OF_AN_ITEM])
def test_what_does_not_exist_is_not_found(maria: Person, case: Case, name: str) -> None:
    unknown = WorkItem(id=uuid.uuid4(), case=case)

    response = maria.client.get(reverse(f"portal:{name}", args=arguments(name, Case(reference="not a case"), unknown)))

    assert response.status_code == 404


SOMETIMES = ("home_visit:portrait", "invitation", "confirm_step")
"""The portrait of a visitor is there only while they are due (`tests/staff/test_portraits.py`), an invitation only
while a second party is waited for (`tests/domains/test_cession_signing.py`), and a step only where the case has it
(`tests/payments/agents`)."""
ALWAYS_THERE = [name for name in (*OWN, *OF_A_CASE, *OF_A_VISIT, *OF_AN_ITEM) if name not in SOMETIMES]


@pytest.mark.parametrize("name", ALWAYS_THERE)
def test_nobody_keeps_a_page(maria: Person, case: Case, name: str) -> None:
    visit = visiting.agreed_under(case, hours=72).case
    address = reverse(f"portal:{name}", args=arguments(name, visit, ask(case, "email_survey")))

    response = maria.client.get(address)

    assert response.status_code in (200, 302)
    assert {"private", "no-store"} <= set(response.headers["Cache-Control"].split(", "))


@pytest.mark.parametrize("name", [*OWN, *OF_A_CASE, *OF_A_VISIT, *OF_AN_ITEM])
def test_without_sign_in_there_is_only_the_sign_in(case: Case, name: str) -> None:
    address = reverse(f"portal:{name}", args=arguments(name, case, ask(case, "email_survey")))

    response = Client().get(address)

    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("account_login"))


def test_staff_have_no_portal(case: Case) -> None:
    client = Client()
    client.force_login(make_staff(role=Role.SUPPORT), backend="django.contrib.auth.backends.ModelBackend")

    response = client.get(reverse("portal:case", args=[case.reference]))

    assert response.status_code in (302, 403)
    assert case.reference not in response.content.decode()


def test_a_case_is_found_however_its_reference_is_typed(maria: Person, case: Case) -> None:
    response = maria.client.get(reverse("portal:case", args=[case.reference.replace("-", "").lower()]))

    assert response.status_code == 200


def test_a_page_that_looks_again_after_signing_out_loads_itself_anew(maria: Person, case: Case) -> None:
    address = reverse("portal:status", args=[case.reference])

    response = Client().get(address, headers={"HX-Request": "true"})

    assert response.headers["HX-Refresh"] == "true"
