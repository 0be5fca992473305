"""One form of each face, with who sends it, where to, and what is wrong with it."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from backoffice.staff.models import Role, User
from tests.factories import make_card, make_staff, sign_in
from tests.playing import ask, open_card_case
from tests.visits import visiting

REASON = "They answer tonight, after the school run"
FaultyForm = tuple[User, str, dict[str, str]]


def at_desk(user: User) -> Client:
    return sign_in(Client(), user)


def portal_form() -> FaultyForm:
    card = make_card()
    assert card.customer.user is not None
    return card.customer.user, "/portal/open/card_reissue/", {"card": str(card.public_id), "reason": "no such reason"}


def desk_form() -> FaultyForm:
    item = ask(open_card_case(make_card()), "call_customer")
    return make_staff(), f"/desk/item/{item.id}/", {"outcome": "nonsense", "reason": REASON}


def act_form() -> FaultyForm:
    case = open_card_case(make_card())
    return make_staff(role=Role.SUPERVISOR), f"/desk/case/{case.reference}/freeze/", {"reason": ""}


def admin_form() -> FaultyForm:
    return (
        make_staff(role=Role.SUPERVISOR),
        "/desk/customers/customer/add/",
        {"family_name": "Visser", "birth_date": "no date"},
    )


def field_form() -> FaultyForm:
    visit = visiting.in_the_window()
    visiting.does(visit, "check_in")
    step = visiting.step(visit, "meet_customer")
    told = {"item": str(step.id), "key": "3b0c5b0e-6c5c-4d0a-9a39-0d3f6b6c9f01", "outcome": "nonsense"}
    return visiting.visitor_of(visit), reverse("field:item", args=[step.id]), told


def password_form() -> FaultyForm:
    return (
        make_staff(),
        reverse("account_change_password"),
        {"oldpassword": "wrong", "password1": "a", "password2": "b"},
    )


FORMS = [portal_form, desk_form, act_form, admin_form, field_form, password_form]
