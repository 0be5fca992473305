from __future__ import annotations

import uuid

import pytest
from django.test import Client

from backoffice.customers import contact_points, reading
from backoffice.customers.models import Access, Customer
from backoffice.staff.models import Role, User
from tests.factories import actor, make_card, make_customer, make_domain, make_staff, now, sign_in

pytestmark = pytest.mark.django_db

CALLED = "They called about a letter"
REASON = {"_open": "1", "why": "other", "words": CALLED}


def page_of(customer: Customer, more: str = "change/") -> str:
    return f"/desk/customers/customer/{customer.pk}/{more}"


def opened(client: Client, customer: Customer, user: User) -> Client:
    reading.open_record(customer=customer, by=actor(user), user=user, now=now(), reason=CALLED)
    return sign_in(client, user)


def test_a_record_asks_why_before_it_opens(client: Client) -> None:
    customer = make_customer()
    sign_in(client, make_staff())

    asked = client.get(page_of(customer))

    assert asked.status_code == 403
    assert "Why do you open this record?" in asked.content.decode()
    assert customer.phrase not in asked.content.decode()
    assert Access.objects.get().refused


def test_a_reason_opens_it_and_is_noted(client: Client) -> None:
    customer = make_customer()
    sign_in(client, make_staff())

    given = client.post(page_of(customer), REASON)
    shown = client.get(page_of(customer))

    assert given.headers["Location"] == page_of(customer)
    assert shown.status_code == 200
    assert customer.phrase in shown.content.decode()
    assert reading.openings_of(customer=customer).get().reason == CALLED


def test_the_answer_leads_to_the_very_page_that_was_asked_for(client: Client) -> None:
    customer = make_customer()
    sign_in(client, make_staff(role=Role.SUPERVISOR))
    address = page_of(customer, "check-parts/?from=desk")

    asked = client.get(address).content.decode()

    assert f'action="{address}"' in asked
    assert client.post(address, REASON).headers["Location"] == address


def test_a_reason_that_says_nothing_is_told_beside_its_field(client: Client) -> None:
    customer = make_customer()
    sign_in(client, make_staff())

    answer = client.post(page_of(customer), {"_open": "1", "why": "other", "words": "x"})

    assert answer.status_code == 403
    assert "Say in a few words" in answer.content.decode()


def test_the_history_of_a_record_asks_as_well(client: Client) -> None:
    sign_in(client, make_staff())

    assert client.get(page_of(make_customer(), "history/")).status_code == 403


@pytest.mark.parametrize("role", [Role.FIELD, Role.ADMINISTRATOR])
def test_a_role_without_customers_sees_neither_list_nor_record(client: Client, role: Role) -> None:
    customer = make_customer()
    sign_in(client, make_staff(role=role))

    for page in ("/desk/customers/customer/", page_of(customer)):
        assert client.get(page).status_code in (302, 403)
    assert client.post(page_of(customer), REASON).status_code in (302, 403)
    assert not reading.openings_of(customer=customer).exists()


def test_the_page_shows_addresses_and_numbers_masked_with_cards_and_domains(client: Client) -> None:
    customer, hanna = make_customer(national_ids={"BSN": "111222333"}), make_staff()
    make_card(customer=customer, last_four="4242", issuer_token="ic_secret_token")
    make_domain(customer=customer, name="żółw.example")
    clear = [point.value.splitlines()[0] for point in customer.contact_points.all()] + ["111222333", "ic_secret_token"]

    shown = opened(client, customer, hanna).get(page_of(customer)).content.decode()

    assert [text for text in clear if text in shown] == []
    assert "BSN •••33" in shown
    assert "VISA ····4242" in shown
    assert "żółw.example" in shown


def test_no_field_of_a_record_can_be_posted(client: Client) -> None:
    customer = make_customer()
    opened(client, customer, make_staff(role=Role.SUPERVISOR))

    answer = client.post(page_of(customer), {"family_name": "Changed", "phrase": "red kettle 2"})

    customer.refresh_from_db()
    assert answer.status_code == 403
    assert customer.family_name != "Changed"


def test_search_and_autocompletion_find_by_number_and_name(client: Client) -> None:
    maria = make_customer(family_name="Vermeulen", contacts={"phone": "+12025550113"})
    make_customer(family_name="Nowak")
    sign_in(client, make_staff())

    listed = client.get("/desk/customers/customer/?q=%2B12025550113").content.decode()
    named = client.get("/desk/customers/customer/?q=verm").content.decode()

    assert "Vermeulen" in listed
    assert "Nowak" not in listed + named
    assert maria.name in named


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.SUPERVISOR])
def test_a_new_address_is_a_case_for_whoever_talks_to_customers(client: Client, role: Role) -> None:
    customer = make_customer()
    record = opened(client, customer, make_staff(role=role)).get(page_of(customer)).content.decode()
    of_case = f"/desk/customer/{customer.public_id}/open/contact_change/"

    assert f'<a href="{of_case}">New address</a>' in record
    assert "What is to be changed?" in client.get(of_case).content.decode()


def test_who_opens_no_such_case_is_not_led_to_one(client: Client) -> None:
    customer = make_customer()

    record = opened(client, customer, make_staff(role=Role.COMPLIANCE)).get(page_of(customer)).content.decode()

    assert "New address" not in record


def test_a_support_agent_notes_a_sim_swap_and_only_by_post(client: Client) -> None:
    customer = make_customer()
    opened(client, customer, make_staff())

    assert client.get(page_of(customer, "sim-swap/")).status_code == 405
    client.post(page_of(customer, "sim-swap/"))

    assert not contact_points.phone_is_old_enough(customer=customer, now=now())


def test_a_sim_swap_is_not_noted_on_a_record_that_is_not_open(client: Client) -> None:
    customer = make_customer()
    sign_in(client, make_staff())

    assert client.post(page_of(customer, "sim-swap/")).status_code == 403
    assert contact_points.phone_is_old_enough(customer=customer, now=now())


NEW = {
    "kind": "person",
    "given_name": "Jan",
    "family_name": "Smit",
    "birth_date": "1970-01-31",
    "country": "NL",
    "language": "en",
    "time_zone": "Europe/Amsterdam",
    "mail": "jan@example.org",
    "phone": "+12025550155",
    "postal_country": "NL",
    "postal_line1": "Damrak 1",
    "postal_code": "1012lg",
    "postal_town": "Amsterdam",
    "national_id_kind": "BSN",
    "national_id": "111222333",
}


def test_a_supervisor_enters_a_customer_by_the_rule(client: Client) -> None:
    sign_in(client, make_staff(role=Role.SUPERVISOR))

    answer = client.post("/desk/customers/customer/add/", NEW)

    customer = Customer.objects.get()
    assert answer.status_code == 302
    assert (customer.name, customer.contact_points.count(), str(customer.national_ids.get())) == (
        "Jan Smit",
        3,
        "BSN •••33",
    )


def test_every_fault_of_a_new_customer_is_told_and_nothing_written(client: Client) -> None:
    sign_in(client, make_staff(role=Role.SUPERVISOR))

    answer = client.post("/desk/customers/customer/add/", NEW | {"phone": "12", "national_id": "1", "country": "XX"})

    page = answer.content.decode()
    assert "not a telephone number" in page
    assert "not a BSN" in page
    assert "not a country" in page
    assert not Customer.objects.exists()


def test_a_national_id_of_another_customer_is_told_beside_its_field(client: Client) -> None:
    make_customer(national_ids={"BSN": "111222333"})
    sign_in(client, make_staff(role=Role.SUPERVISOR))

    answer = client.post("/desk/customers/customer/add/", NEW)

    assert answer.status_code == 200
    assert "Another customer has this number" in answer.content.decode()
    assert Customer.objects.count() == 1


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.APPROVER, Role.COMPLIANCE])
def test_nobody_else_enters_customers(client: Client, role: Role) -> None:
    sign_in(client, make_staff(role=role))

    assert client.post("/desk/customers/customer/add/", NEW).status_code == 403


def test_only_compliance_reads_the_log_of_openings(client: Client) -> None:
    opened(client, make_customer(), make_staff())

    for role, status in ((Role.SUPPORT, 403), (Role.SUPERVISOR, 403), (Role.COMPLIANCE, 200)):
        sign_in(client, make_staff(role=role))
        assert client.get("/desk/customers/access/").status_code == status


def test_a_case_of_the_reader_opens_the_record_without_a_question(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer, case_id = make_customer(), uuid.uuid4()
    monkeypatch.setattr(reading, "_finders", [lambda _user, _customer: case_id])
    sign_in(client, make_staff())

    assert client.get(page_of(customer)).status_code == 200
    assert reading.openings_of(customer=customer).get().case_id == case_id


def test_the_log_of_openings_says_in_words_what_came_of_each(client: Client) -> None:
    customer = make_customer()
    for refused, reason in ((True, ""), (False, "They are on the telephone")):
        Access.objects.create(customer=customer, user=make_staff(), at=now(), refused=refused, reason=reason)
    sign_in(client, make_staff(role=Role.COMPLIANCE))

    page = client.get("/desk/customers/access/").content.decode()

    assert '<td class="field-came_of_it">refused</td>' in page
    assert '<td class="field-came_of_it">opened</td>' in page
    assert "icon-yes" not in page
