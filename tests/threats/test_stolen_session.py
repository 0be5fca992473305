"""A thief with a customer's session, and even the password, does not reach the second level, and is noticed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core.cache import cache
from django.test import Client, TestCase
from django.urls import reverse

from backoffice.actors import system
from backoffice.cases.answering import Session
from backoffice.customers import contact_points
from backoffice.customers.models import ContactKind
from backoffice.messages.models import Message
from backoffice.portal import authenticators, stepping_up
from backoffice.portal.stepping_up import NotConfirmed
from backoffice.staff.models import FormerAuthenticator
from backoffice.trust.models import Contact
from tests.factories import PASSWORD, make_customer, now, sign_in, totp_code
from tests.playing import ask
from tests.portal.conftest import Person, make_person, open_blocked

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def session_of(person: Person) -> Session:
    assert person.customer.user is not None
    return Session(person.customer.user, person.client.session.session_key or "")


def enrol(person: Person, *, hours_ago: float = 0) -> str:
    """Sets up an authenticator app; gives its secret."""
    secret: str = generate_totp_secret()
    made = TOTP.activate(person.customer.user, secret).instance
    Authenticator.objects.filter(pk=made.pk).update(created_at=now() - timedelta(hours=hours_ago))
    return secret


def take_away(person: Person) -> None:
    Authenticator.objects.get(user=person.customer.user, type="totp").delete()


@pytest.mark.parametrize(
    "path",
    [
        "email/",
        "confirm-email/",
        "confirm-email/abc/",
        "password/reset/",
        "password/reset/key/1-abc/",
        "password/reset/done/",
        "password/set/",
        "login/code/confirm/",
    ],
)
def test_no_mail_address_and_no_forgotten_password_lead_into_an_account(path: str) -> None:
    anna = make_person()

    assert anna.client.get(f"/account/{path}").status_code == 404
    assert anna.client.post(f"/account/{path}", {"email": "thief@example.org", "action_add": ""}).status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "mfa_deactivate_totp",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_generate_recovery_codes",
        "mfa_view_recovery_codes",
        "mfa_download_recovery_codes",
    ],
)
def test_the_password_does_not_change_how_one_confirms(client: Client, name: str) -> None:
    anna = make_person()
    assert anna.customer.user is not None
    sign_in(client, anna.customer.user, factor=False)

    answers = [client.get(reverse(name)), client.post(reverse(name), {})]

    assert all(answer.headers["Location"].startswith(reverse("mfa_reauthenticate")) for answer in answers)
    assert Authenticator.objects.filter(user=anna.customer.user, type="totp").count() == 1


def test_a_factor_shown_a_while_ago_does_not_either(client: Client) -> None:
    anna = make_person()
    assert anna.customer.user is not None
    sign_in(client, anna.customer.user, seconds_ago=16 * 60)

    assert client.get(reverse("mfa_add_webauthn")).headers["Location"].startswith(reverse("mfa_reauthenticate"))


def test_who_just_showed_a_factor_may_change_it(client: Client) -> None:
    anna = make_person()
    assert anna.customer.user is not None
    sign_in(client, anna.customer.user, factor=False)
    client.post(reverse("mfa_reauthenticate"), {"code": totp_code(anna.secret)})

    answer = client.get(reverse("mfa_deactivate_totp"))

    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]


def test_an_authenticator_in_the_place_of_another_waits_for_a_day() -> None:
    anna = make_person()
    take_away(anna)
    secret = enrol(anna)
    item = ask(open_blocked(anna.card), "activate_card")

    with pytest.raises(NotConfirmed) as refused:
        stepping_up.with_code(work=item, session=session_of(anna), typed=totp_code(secret))

    assert refused.value.code == "too_new"
    later = now() + timedelta(hours=24, seconds=1)
    assert stepping_up.with_code(work=item, session=session_of(anna), typed=totp_code(secret), now=later).level == 2


def test_an_authenticator_beside_another_waits_for_a_day() -> None:
    anna = make_person()
    user = anna.customer.user
    second = Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={})

    assert not authenticators.counts(second, now=now())
    assert authenticators.counts(second, now=now() + timedelta(hours=24, seconds=1))


def test_the_first_one_added_while_a_case_is_open_waits_for_a_day() -> None:
    anna = make_person(authenticator=False)
    item = ask(open_blocked(anna.card), "activate_card")
    secret = enrol(anna)

    page = anna.client.get(reverse("portal:confirm", args=[item.id])).content.decode()

    assert "too new" in page
    assert f"Call us now on {settings.COMPANY_PHONE}" in page
    with pytest.raises(NotConfirmed):
        stepping_up.with_code(work=item, session=session_of(anna), typed=totp_code(secret))


def test_the_first_one_added_before_any_case_counts_at_once() -> None:
    anna = make_person(authenticator=False)
    secret = enrol(anna)
    item = ask(open_blocked(anna.card), "activate_card")

    assert stepping_up.with_code(work=item, session=session_of(anna), typed=totp_code(secret)).level == 2


def test_it_stays_known_that_there_was_another_one() -> None:
    anna = make_person()

    take_away(anna)

    assert FormerAuthenticator.objects.get(user=anna.customer.user).kind == "totp"


def test_a_new_authenticator_is_told_at_the_old_and_the_new_addresses(client: Client) -> None:
    customer = make_customer(phone_days=3)
    contact_points.supersede(
        customer=customer, kind=ContactKind.MAIL, value="new@example.org", how="branch", by=system(), now=now()
    )
    user = customer.user
    assert user is not None
    client.post("/account/login/", {"login": user.username, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]

    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post(reverse("mfa_activate_totp"), {"code": totp_code(secret)})

    told = Message.objects.filter(template="authenticator_added").select_related("point")
    assert {(message.destination.kind, message.destination.superseded_at is None) for message in told} == {
        ("mail", True),
        ("mail", False),
        ("phone", True),
        ("phone", False),
    }
    assert Contact.objects.filter(customer=customer, purpose="authenticator_added").count() == 4
