"""A mail that waits stands on the worklist of the desk as other work does: once, with its due time, and raised when it
is late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.customers.models import Customer
from backoffice.desk import next_item
from backoffice.desk.pulse import Pulse
from backoffice.mail_orders import handling, waiting
from backoffice.mail_orders.models import Mail, MailState
from backoffice.staff.models import Role, User
from backoffice.ui.staff import StaffMember
from tests.factories import actor, make_staff, now, sign_in
from tests.mail_orders.conftest import Came, asked, taken
from tests.mail_orders.crafting import mail as written
from tests.mail_orders.crafting import signed
from workflows.mail_order.spec import PERIODS

LATE = PERIODS.the_desk_reads_a_mail + timedelta(hours=2)


@pytest.fixture
def hanna(db: None) -> User:
    return make_staff(role=Role.SUPPORT)


@pytest.fixture
def vera(db: None) -> User:
    return make_staff(role=Role.SUPERVISOR)


def came_long_ago(found: Mail) -> None:
    Mail.objects.filter(pk=found.pk).update(received_at=now() - LATE)


def tab(client: Client, name: str) -> str:
    return client.get(reverse("admin:index"), {"tab": name}).content.decode()


def rows(user: User) -> list[tuple[str, bool]]:
    return [(one.reference, one.is_mine) for one in waiting.work(actor(user), user, now())]


def test_a_mail_waits_for_support_until_somebody_takes_it(came: Came, hanna: User) -> None:
    found, piotr = came(signed(written())), make_staff(role=Role.SUPPORT)
    assert rows(hanna) == rows(piotr) == [(found.reference, False)]

    taken(found, hanna)

    assert (rows(hanna), rows(piotr)) == ([(found.reference, True)], [])
    handling.give_back(mail=found, by=actor(hanna), user=hanna, now=now())
    assert rows(piotr) == [(found.reference, False)]


def test_one_who_took_it_and_left_holds_it_for_half_an_hour(came: Came, hanna: User) -> None:
    found, piotr = taken(came(signed(written())), hanna), make_staff(role=Role.SUPPORT)
    Mail.objects.filter(pk=found.pk).update(held_at=now() - handling.HELD_FOR - timedelta(seconds=1))

    assert rows(hanna) == rows(piotr) == [(found.reference, False)]


def test_a_late_mail_is_raised_to_the_supervisors(came: Came, vera: User, hanna: User) -> None:
    found = came(signed(written()))
    assert rows(vera) == []

    came_long_ago(found)

    assert rows(vera) == rows(hanna) == [(found.reference, False)]
    shown = tab(sign_in(Client(), vera), "overdue")
    assert found.reference in shown
    assert "raised to the supervisors" in shown
    assert "work--late" in shown


@pytest.mark.parametrize("role", [Role.APPROVER, Role.COMPLIANCE, Role.ADMINISTRATOR])
def test_who_handles_no_mails_is_shown_none(came: Came, role: Role) -> None:
    came_long_ago(came(signed(written())))

    assert rows(make_staff(role=role)) == []


def test_it_stands_once_with_nothing_of_what_is_in_it_and_is_taken_by_one_press(
    came: Came, maria: Customer, hanna: User
) -> None:
    found = came(signed(written()))
    client = sign_in(Client(), hanna)

    waits, mine = tab(client, "roles"), tab(client, "mine")
    claim = reverse("admin:mail_order:take", args=[found.reference])
    assert waits.count(f">{found.reference}<") == 1
    assert "Read a mail to us" in waits
    assert "(1) Worklist" in waits
    assert f'action="{claim}"' in waits
    for private in ("Jansen", "maria.jansen", "My card"):
        assert private not in waits
    assert found.reference not in mine
    assert client.get(claim).status_code == 405

    answer = client.post(claim)

    assert answer.headers["Location"] == reverse("admin:mail_order:mail", args=[found.reference])
    assert (found.reference in tab(client, "roles"), found.reference in tab(client, "mine")) == (False, True)
    late = sign_in(Client(), make_staff(role=Role.SUPPORT)).post(claim, follow=True).content.decode()
    assert "Somebody else reads this mail now." in late


def test_once_a_case_asks_the_customer_the_case_stands_for_it(came: Came, maria: Customer, hanna: User) -> None:
    found = taken(came(signed(written())), hanna)

    asked(found, maria, hanna)

    assert rows(hanna) == []


def test_more_mails_than_a_list_holds_take_no_items_place(came: Came, hanna: User) -> None:
    found = came(signed(written()))
    Mail.objects.bulk_create(
        Mail(fingerprint=str(number), received_at=now() - LATE, size=1, state=MailState.WAITING) for number in range(60)
    )

    shown = tab(sign_in(Client(), hanna), "roles")

    assert "50+" in shown
    assert shown.count("Read a mail to us") == 25
    assert found.reference not in shown


def test_the_next_work_offered_may_be_a_mail(came: Came, hanna: User) -> None:
    me = StaffMember(hanna, actor(hanna), None)  # type: ignore[arg-type]
    assert next_item.offered(me) is None
    found = came(signed(written()))

    offered = next_item.offered(me)

    assert offered is not None
    assert (offered.reference, offered.claim_url) == (
        found.reference,
        reverse("admin:mail_order:take", args=[found.reference]),
    )


def test_an_open_worklist_hears_of_a_mail_and_of_who_took_it(came: Came, hanna: User) -> None:
    def version() -> str:
        return Pulse().worklist(user_id=hanna.pk, roles=frozenset({Role.SUPPORT}))

    before = version()
    found = came(signed(written()))
    waits = version()
    taken(found, hanna)
    held = version()
    came_long_ago(found)
    Mail.objects.update(held_at=None, held_by=None)

    assert len({before, waits, held, version()}) == 4
