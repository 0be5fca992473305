"""The ledger at the desk: looked at by who may, with a need to know, and changed by nobody."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils.formats import date_format

from backoffice.customers import reading
from backoffice.customers.models import Customer
from backoffice.money import Money
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.models import Account, Posting
from backoffice.staff.models import Role
from tests.factories import actor, make_staff, now, sign_in
from tests.payments.ledger.books import AT, euros, make_case, make_owner, post_one

pytestmark = pytest.mark.django_db
AT_THE_COUNTER = "The customer is on the phone or at the counter"
LISTS = ("/desk/payments/account/", "/desk/payments/posting/")


@pytest.fixture
def shop() -> Customer:
    return make_owner()


@pytest.fixture
def posted(shop: Customer) -> Posting:
    return post_one(make_case(make_owner()), "capture", movements.captured(merchant=shop, amount=euros(123450)))


def page_of(row: Account | Posting) -> str:
    return f"/desk/payments/{row._meta.model_name}/{row.pk}/change/"


@pytest.mark.parametrize("role", list(Role))
def test_supervisors_and_compliance_see_the_ledger_and_nobody_else(client: Client, posted: Posting, role: Role) -> None:
    sign_in(client, make_staff(role=role))
    may = role in (Role.SUPERVISOR, Role.COMPLIANCE)

    answers = [client.get(address).status_code for address in LISTS]

    assert all((answer == 200) is may for answer in answers), answers


def test_lists_tell_no_amount_and_no_name(client: Client, posted: Posting) -> None:
    sign_in(client, make_staff(role=Role.SUPERVISOR))

    accounts, postings = (client.get(address).content.decode() for address in LISTS)

    assert "payment provider" in accounts
    assert posted.case.reference in postings
    assert not [word for word in ("1,234.50", "123450", "Jansen") if word in accounts + postings]


def test_a_posting_is_found_by_the_reference_of_its_case(client: Client, posted: Posting) -> None:
    other = post_one(make_case(make_owner()), "fee", movements.fee(merchant=make_owner(), amount=euros(1)))
    sign_in(client, make_staff(role=Role.SUPERVISOR))

    found = client.get(LISTS[1], {"q": posted.case.reference.lower()}).content.decode()

    assert posted.case.reference in found
    assert other.case.reference not in found


def test_lists_are_narrowed_by_currency(client: Client, posted: Posting) -> None:
    dinars = movements.captured(merchant=make_owner(), amount=Money(1, "KWD"))
    other = post_one(make_case(make_owner()), "capture", dinars)
    sign_in(client, make_staff(role=Role.SUPERVISOR))

    accounts, postings = (client.get(one, {"currency": "KWD"}).content.decode() for one in LISTS)

    assert "2 accounts" in accounts
    assert (other.case.reference in postings, posted.case.reference in postings) == (True, False)


@pytest.mark.parametrize("whose", ["merchant", "posting"])
def test_what_belongs_to_somebody_is_read_with_a_reason(client: Client, posted: Posting, whose: str) -> None:
    row = posted if whose == "posting" else Account.objects.get(kind=whose)
    sign_in(client, make_staff(role=Role.SUPERVISOR))

    asked = client.get(page_of(row))
    client.post(page_of(row), {"_open": "1", "why": "complaint", "words": ""})
    opened = client.get(page_of(row))

    assert (asked.status_code, "1,234.50" in asked.content.decode()) == (403, False)
    assert (opened.status_code, "1,234.50 EUR" in opened.content.decode()) == (200, True)


def test_an_account_of_our_own_shows_its_balance_and_its_newest_entries(client: Client, posted: Posting) -> None:
    sign_in(client, make_staff(role=Role.COMPLIANCE))

    page = client.get(page_of(Account.objects.get(kind="provider"))).content.decode()

    assert "owes us 1,234.50 EUR" in page
    assert f"{date_format(AT, 'j F Y')} · payment captured · 1,234.50 EUR" in page
    assert f"/desk/case/{posted.case.reference}/" in page


@pytest.mark.parametrize("what", ["add", "change", "delete"])
def test_nobody_changes_the_ledger(client: Client, posted: Posting, what: str) -> None:
    sign_in(client, make_staff(role=Role.SUPERVISOR))
    account = Account.objects.get(kind="provider")
    addresses = {
        "add": ["/desk/payments/account/add/", "/desk/payments/posting/add/"],
        "change": [page_of(account)],
        "delete": [page_of(account).replace("change", "delete")],
    }

    answers = [client.post(one, {"kind": "loss", "balance": "0", "post": "yes"}) for one in addresses[what]]

    assert {one.status_code for one in answers} == {403}
    account.refresh_from_db()
    assert (account.kind, account.balance) == ("provider", 123450)


def test_the_entries_of_a_posting_stand_in_a_table_whose_headings_all_say_something(
    client: Client, posted: Posting
) -> None:
    sue = make_staff(role=Role.SUPERVISOR)
    sign_in(client, sue)
    reading.open_record(customer=posted.case.customer, by=actor(sue), user=sue, now=now(), reason=AT_THE_COUNTER)

    page = client.get(page_of(posted)).content.decode()

    assert re.findall(r"<th(?: [^>]*)?>\s*([^<]*)", page.partition("Entries")[2]) == ["Account", "Debit", "Credit"]
    assert "1,234.50 EUR" in page
