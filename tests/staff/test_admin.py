from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from backoffice.staff.admin import StaffProfileForm, UserForm
from backoffice.staff.models import Role, StaffProfile, User
from tests.factories import make_customer, make_staff, now, sign_in

pytestmark = pytest.mark.django_db


def page_of(user: User) -> str:
    return f"/desk/staff/user/{user.pk}/change/"


def entered(user: User, **changed: object) -> dict[str, object]:
    profile = user.staff_profile
    return {
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "is_active": "on",
        "is_staff": "on",
        "groups": [group.pk for group in user.groups.all()],
        "staff_profile-TOTAL_FORMS": 1,
        "staff_profile-INITIAL_FORMS": 1,
        "staff_profile-0-id": profile.pk,
        "staff_profile-0-user": user.pk,
        "staff_profile-0-badge_number": profile.badge_number,
    } | changed


def test_an_administrator_changes_names_and_roles(client: Client) -> None:
    user = make_staff()
    sign_in(client, make_staff(role=Role.ADMINISTRATOR))
    approver = Group.objects.get(name=Role.APPROVER.value)

    answer = client.post(page_of(user), entered(user, first_name="Ada", groups=[approver.pk]))

    user = User.objects.get(pk=user.pk)
    assert answer.status_code == 302
    assert (user.first_name, user.role_names) == ("Ada", frozenset({"approver"}))


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_nobody_else_changes_accounts(client: Client, role: Role) -> None:
    user = make_staff()
    sign_in(client, make_staff(role=role))

    client.post(page_of(user), entered(user, first_name="Eve"))

    user.refresh_from_db()
    assert user.first_name != "Eve"


def test_administrators_do_not_give_themselves_rights(client: Client) -> None:
    otto = make_staff(role=Role.ADMINISTRATOR)
    sign_in(client, otto)
    approver = Group.objects.get(name=Role.APPROVER.value)

    client.post(page_of(otto), entered(otto, groups=[approver.pk], is_superuser="on"))

    otto = User.objects.get(pk=otto.pk)
    assert (otto.is_superuser, otto.role_names) == (False, frozenset({"administrator"}))


def test_an_administrator_makes_nobody_almighty(client: Client) -> None:
    user = make_staff()
    sign_in(client, make_staff(role=Role.ADMINISTRATOR))

    client.post(page_of(user), entered(user, is_superuser="on", user_permissions=[1]))

    user.refresh_from_db()
    assert not user.is_superuser
    assert not user.user_permissions.exists()


def test_an_administrator_does_not_reach_an_almighty_account(client: Client) -> None:
    root = make_staff(role=None, is_superuser=True)
    sign_in(client, make_staff(role=Role.ADMINISTRATOR))

    assert client.get(page_of(root)).status_code == 302
    assert client.get(f"/desk/staff/user/{root.pk}/password/").status_code in (302, 403, 404)


@pytest.mark.parametrize("address", ["/desk/", "/desk/staff/user/", "/desk/cases/case/", "/desk/customers/customer/"])
def test_being_almighty_opens_no_page(client: Client, address: str) -> None:
    sign_in(client, make_staff(role=None, is_superuser=True))

    assert client.get(address).status_code in (302, 403)


def test_a_customers_account_gets_no_role_by_the_form(client: Client) -> None:
    customer = make_customer()
    assert customer.user is not None
    sign_in(client, make_staff(role=Role.ADMINISTRATOR))
    approver = Group.objects.get(name=Role.APPROVER.value)

    client.post(
        page_of(customer.user), {"username": customer.user.username, "is_active": "on", "groups": [approver.pk]}
    )

    assert not customer.user.groups.exists()


def test_compliance_looks_at_accounts_without_their_passwords(client: Client) -> None:
    user = make_staff()
    sign_in(client, make_staff(role=Role.COMPLIANCE))

    page = client.get(page_of(user)).content.decode()

    assert user.username in page
    assert "pbkdf2" not in page


def test_accounts_are_switched_off_never_deleted(client: Client) -> None:
    user = make_staff()
    sign_in(client, make_staff(role=Role.ADMINISTRATOR))

    assert client.post(f"/desk/staff/user/{user.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=user.pk).exists()


def test_a_certificate_is_in_force_until_its_last_day() -> None:
    today = now().date()
    profile = StaffProfile(certified_visitor=True, certified_until=today)

    assert profile.may_visit(on=today)
    assert not profile.may_visit(on=today.replace(year=today.year + 1))
    assert not StaffProfile(certified_visitor=False).may_visit(on=today)


@pytest.mark.parametrize("typed", ["\u200b", "\u3164", "\u2060 \u00ad"])
def test_names_and_badges_are_kept_as_all_texts_are(typed: str) -> None:
    profile = StaffProfileForm({"badge_number": typed})
    account = UserForm({"username": "hanna", "first_name": f"Zo\u0301{typed}", "last_name": typed}, instance=User())

    assert profile.errors["badge_number"] == ["This field is required."]
    account.full_clean()
    assert (account.cleaned_data["first_name"], account.cleaned_data["last_name"]) == ("Zó", "")


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.COMPLIANCE])
def test_the_list_of_accounts_names_no_customer(client: Client, role: Role) -> None:
    account = User.objects.create(username="customer.one", first_name="Zofia", last_name="Wiśniewska")
    customer = make_customer()
    customer.user = account
    customer.save()
    new = User.objects.create(username="not.yet.staff")
    sign_in(client, make_staff(role=role))

    page = client.get("/desk/staff/user/").content.decode()

    assert "not.yet.staff" in page
    assert "customer.one" not in page
    assert "Zofia" not in page
    assert client.get(page_of(account)).status_code in (302, 404)
    assert client.get(page_of(new)).status_code == 200


def test_roles_are_boxes_to_tick(client: Client) -> None:
    sign_in(client, make_staff(role=Role.ADMINISTRATOR))

    assert 'type="checkbox" name="groups"' in client.get(page_of(make_staff())).content.decode()
