from __future__ import annotations

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from backoffice.staff.mfa import RequireStaffMFA, passed_mfa, proof_of_session
from backoffice.staff.models import Role, User
from backoffice.staff.sign_in import MFAAdapter, face_of
from backoffice.staff.step_up import FRESH_FOR, recently_confirmed, step_up_required
from tests.factories import PASSWORD, make_customer, make_staff, sign_in, totp_code

pytestmark = pytest.mark.django_db


def request_in(client: Client, user: User, path: str = "/desk/") -> HttpRequest:
    request = RequestFactory().get(path)
    request.session = client.session
    request.user = user
    return request


def answer_to(request: HttpRequest) -> HttpResponse:
    answer = RequireStaffMFA(lambda _request: HttpResponse("open"))(request)
    assert isinstance(answer, HttpResponse)
    return answer


def test_staff_signs_in_with_password_and_code_and_lands_on_the_desk(client: Client) -> None:
    secret = generate_totp_secret()
    hanna = make_staff(totp=secret)

    asked = client.post("/account/login/", {"login": hanna.username, "password": PASSWORD})
    assert asked.headers["Location"].startswith("/account/2fa/authenticate/")
    assert client.get("/desk/").status_code == 302

    entered = client.post("/account/2fa/authenticate/", {"code": totp_code(secret)})
    assert entered.headers["Location"] == "/desk/"
    assert client.get("/desk/").status_code == 200
    assert proof_of_session(request_in(client, hanna)) == "totp"


def test_a_wrong_code_opens_nothing(client: Client) -> None:
    hanna = make_staff()
    client.post("/account/login/", {"login": hanna.username, "password": PASSWORD})

    entered = client.post("/account/2fa/authenticate/", {"code": "000000"})

    assert entered.status_code == 200
    assert "_auth_user_id" not in client.session


def test_staff_without_an_authenticator_must_set_one_up_first(client: Client) -> None:
    hanna = make_staff(totp="")

    client.post("/account/login/", {"login": hanna.username, "password": PASSWORD})

    for page in ("/desk/", "/field/", "/portal/", "/desk/customers/customer/"):
        assert client.get(page).headers["Location"] == "/account/2fa/totp/activate/"


def test_having_set_it_up_staff_must_show_it_once(client: Client) -> None:
    hanna = make_staff(totp="")
    client.post("/account/login/", {"login": hanna.username, "password": PASSWORD})
    asked = client.get("/account/2fa/totp/activate/")
    client.post(asked.headers["Location"], {"password": PASSWORD})
    client.get("/account/2fa/totp/activate/")
    secret = client.session["mfa.totp.secret"]

    client.post("/account/2fa/totp/activate/", {"code": totp_code(secret)})

    assert Authenticator.objects.filter(user=hanna, type="totp").exists()
    assert client.get("/desk/").headers["Location"] == "/account/2fa/reauthenticate/?next=%2Fdesk%2F"
    client.post("/account/2fa/reauthenticate/?next=/desk/", {"code": totp_code(secret)})
    assert client.get("/desk/").status_code == 200


def test_a_session_of_staff_that_showed_no_factor_opens_neither_face(client: Client) -> None:
    user = make_staff()
    sign_in(client, user, factor=False)

    for path in ("/desk/", "/field/visits/", "/portal/"):
        assert answer_to(request_in(client, user, path)).status_code == 302
    api = answer_to(request_in(client, user, "/api/v1/cases"))
    assert (api.status_code, api.headers["Content-Type"]) == (403, "application/json")


def test_an_almighty_account_is_asked_as_well(client: Client) -> None:
    user = make_staff(role=None)
    User.objects.filter(pk=user.pk).update(is_staff=False, is_superuser=True)
    user.refresh_from_db()
    sign_in(client, user, factor=False)

    assert answer_to(request_in(client, user)).status_code == 302


def test_what_one_session_showed_opens_no_session_of_another_person(client: Client) -> None:
    sign_in(client, make_staff())

    assert not passed_mfa(request_in(client, make_staff()))


def test_customers_and_strangers_are_not_asked(client: Client) -> None:
    customer = make_customer()
    assert customer.user is not None
    sign_in(client, customer.user, factor=False)

    assert answer_to(request_in(client, customer.user, "/portal/")).content == b"open"
    stranger = request_in(client, customer.user, "/portal/")
    stranger.user = AnonymousUser()
    assert answer_to(stranger).content == b"open"


@pytest.mark.parametrize("path", ["/account/logout/", "/account/2fa/totp/activate/", "/check", "/livez"])
def test_staff_can_always_sign_out_and_set_a_factor_up(client: Client, path: str) -> None:
    user = make_staff(totp="")
    sign_in(client, user, factor=False)

    assert answer_to(request_in(client, user, path)).content == b"open"


def test_the_sign_in_of_the_admin_is_the_one_of_the_accounts(client: Client) -> None:
    answer = client.get("/desk/login/?next=/desk/")

    assert answer.headers["Location"].startswith("/account/login/")
    posted = client.post("/desk/login/", {"username": make_staff().username, "password": PASSWORD})
    assert posted.headers["Location"].startswith("/account/login/")
    assert "_auth_user_id" not in client.session


def test_nobody_signs_up(client: Client) -> None:
    answer = client.post("/account/signup/", {"username": "eve", "password1": PASSWORD, "password2": PASSWORD})

    assert not User.objects.filter(username="eve").exists()
    assert answer.status_code == 200


def test_each_lands_on_their_own_face() -> None:
    customer = make_customer()
    assert customer.user is not None

    assert face_of(customer.user) == "/portal/"
    assert face_of(make_staff(role=Role.FIELD)) == "/field/"
    assert {face_of(make_staff(role=role)) for role in Role if role != Role.FIELD} == {"/desk/"}


def test_the_secret_of_an_authenticator_is_sealed() -> None:
    secret = generate_totp_secret()
    user = make_staff(totp=secret)

    stored = Authenticator.objects.get(user=user).data["secret"]

    assert secret not in stored
    assert MFAAdapter().decrypt(stored) == secret


def test_staff_does_not_take_its_last_factor_away() -> None:
    customer = make_customer()
    assert customer.user is not None
    last = Authenticator.objects.get(user=make_staff())
    theirs = Authenticator(user=customer.user, type="totp", data={})

    assert not MFAAdapter().can_delete_authenticator(last)
    assert MFAAdapter().can_delete_authenticator(theirs)
    Authenticator.objects.create(user=last.user, type="webauthn", data={})
    assert MFAAdapter().can_delete_authenticator(last)


def test_a_factor_shown_within_fifteen_minutes_is_fresh(client: Client) -> None:
    user = make_staff()

    sign_in(client, user, seconds_ago=FRESH_FOR.total_seconds() - 5)
    assert recently_confirmed(request_in(client, user))
    sign_in(client, user, seconds_ago=FRESH_FOR.total_seconds() + 5)
    assert not recently_confirmed(request_in(client, user))


def test_a_password_given_again_is_no_fresh_factor(client: Client) -> None:
    user = make_staff()
    sign_in(client, user, seconds_ago=3600)
    session = client.session
    session["account_authentication_methods"] += [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session.save()

    assert not recently_confirmed(request_in(client, user))


def test_a_sensitive_action_asks_first_and_does_nothing(client: Client) -> None:
    user = make_staff()
    done: list[str] = []

    @step_up_required
    def act(_request: HttpRequest, what: str) -> HttpResponse:
        done.append(what)
        return HttpResponse()

    sign_in(client, user, seconds_ago=3600)
    asked = act(request_in(client, user, "/desk/x/?a=1"), "late")
    sign_in(client, user)
    act(request_in(client, user, "/desk/x/"), "fresh")

    assert asked.headers["Location"] == "/account/2fa/reauthenticate/?next=%2Fdesk%2Fx%2F%3Fa%3D1"
    assert done == ["fresh"]
