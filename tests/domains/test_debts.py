"""A domain in debt: an overdue invoice for it stops a change of holder and, where the registry allows that, a transfer.
It is asked anew each time, and says no more than the asker may know."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.actors import system
from backoffice.cases.outside import OutsideRefused
from backoffice.customers import reading
from backoffice.domains import debts, holding
from backoffice.domains.cession.portal_panel import panel, party_panel
from backoffice.domains.invoices import paying
from backoffice.domains.invoices.models import Invoice
from backoffice.domains.models import Domain
from backoffice.domains.transfer_out.eligibility import assess
from backoffice.refusals import Conflict
from tests.domains.ceding import call, effect, holder_of_a_domain, open_cession
from tests.domains.leaving import leaving, open_by_holder
from tests.factories import actor, make_customer, make_debt, make_domain, make_staff, now, sign_in
from workflows.base.spec import Nothing

pytestmark = pytest.mark.django_db


def pay(invoice: Invoice) -> None:
    told = paying.Paid(key=f"p{invoice.pk}", amount=Decimal("73.80"), currency="EUR", paid_on=now().date())
    paying.record_payment(invoice=invoice, paid=told, by=system(), now=now())


def late(domain: Domain) -> Invoice | None:
    return debts.overdue(domain, now())


def test_a_domain_is_in_debt_from_the_day_after_the_last_one_until_it_is_paid() -> None:
    domain = make_domain()
    invoice = make_debt(domain, days=0)
    assert invoice.due_on is not None

    assert late(domain) is None
    assert debts.overdue(domain, now() + timedelta(days=2)) == invoice
    pay(invoice)
    assert debts.overdue(domain, now() + timedelta(days=2)) is None


def test_a_payment_that_the_bank_takes_back_brings_the_debt_back() -> None:
    domain = make_domain()
    invoice = make_debt(domain)
    pay(invoice)
    assert late(domain) is None

    paying.cancel_payment(payment=invoice.payments.get(), why="returned", by=system(), now=now())

    assert late(domain) == invoice


def test_the_longest_overdue_invoice_is_named_and_one_for_something_else_counts_nothing() -> None:
    domain, other = make_domain(), make_domain()
    make_debt(domain, days=2)
    oldest = make_debt(domain, days=9)
    make_debt(other, customer=domain.customer, days=15)

    assert late(domain) == oldest


def test_a_list_reads_all_debts_in_one_query(django_assert_num_queries: Any) -> None:
    customer = make_customer()
    for _one in range(3):
        make_debt(make_domain(customer=customer))

    with django_assert_num_queries(2):
        found = [late(one) for one in debts.with_debts(Domain.objects.filter(customer=customer))]

    assert len(set(found)) == 3


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opens", [open_cession, open_by_holder], ids=["cession", "transfer-out"])
def test_a_change_is_refused_at_opening_and_names_the_invoice_to_its_customer(opens: Any) -> None:
    domain = holder_of_a_domain("tulip.com")
    invoice = make_debt(domain, number="FV/2026/11/9001")

    with pytest.raises(Conflict) as refused:
        opens(domain)

    assert refused.value.field == "domain"
    said = (
        f"Invoice FV/2026/11/9001 for this domain is overdue: 73.80 EUR was to be paid by {invoice.due_on:%-d %B %Y}."
    )
    assert refused.value.sentence == f"{said} Pay it first."
    pay(invoice)
    assert opens(domain).subject == "tulip.com"


@pytest.mark.parametrize("opens", [open_cession, open_by_holder], ids=["cession", "transfer-out"])
def test_what_somebody_else_owes_is_not_told_to_the_holder(opens: Any, client: Client) -> None:
    domain = holder_of_a_domain("tulip.com")
    invoice = make_debt(domain, customer=make_customer())

    with pytest.raises(Conflict) as refused:
        opens(domain)
    assert domain.customer.user is not None
    sign_in(client, domain.customer.user)
    page = client.get(reverse("portal:thing", args=["domains", domain.public_id])).content.decode()
    listed = client.get(reverse("portal:mine")).content.decode()

    assert refused.value.sentence.startswith("We cannot do this for this domain yet. Call us on ")
    assert "Not now. We cannot do this for this domain yet." in page
    for told in (refused.value.sentence, page, listed):
        assert invoice.number not in told
        assert "73.80" not in told
        assert "overdue" not in told


def test_a_polish_domain_may_leave_in_debt_and_its_page_says_so() -> None:
    case, domain = leaving("tulip.pl")
    make_debt(domain)

    assert not assess(case=case, args=Nothing(), now=now()).refused
    with pytest.raises(Conflict, match="is overdue"):
        open_cession(holder_in_debt("lilie.pl"))


def holder_in_debt(name: str) -> Domain:
    domain = holder_of_a_domain(name)
    make_debt(domain)
    return domain


def test_a_debt_that_comes_up_meanwhile_stops_a_transfer_before_the_domain_is_unlocked() -> None:
    case, domain = leaving("tulip.com")
    assert not assess(case=case, args=Nothing(), now=now()).refused

    make_debt(domain)

    assert assess(case=case, args=Nothing(), now=now()).refused


def test_the_holder_of_a_cession_is_told_of_a_debt_before_it_stops_it_and_the_new_holder_is_not(client: Client) -> None:
    domain = holder_of_a_domain("tulip.com")
    case = open_cession(domain)
    quiet = panel(case, system())[1]["owed"]
    invoice = make_debt(domain)
    assert domain.customer.user is not None
    sign_in(client, domain.customer.user)

    page = client.get(reverse("portal:case", args=[case.reference])).content.decode()

    assert quiet == ""
    assert "It cannot be done while an invoice is overdue" in page
    assert f"Invoice {invoice.number} for this domain is overdue: 73.80 EUR" in page
    assert party_panel(case, system())[1]["owed"] == ""


def test_a_debt_that_comes_up_meanwhile_stops_a_cession_before_the_registry_is_asked() -> None:
    domain = holder_of_a_domain("tulip.com")
    case = open_cession(domain)
    effect(case, "lock_edits")
    make_debt(domain)

    with pytest.raises(OutsideRefused) as refused:
        call(case, "change_holder", handle="NEW-1")

    assert refused.value.code == "in_debt"
    assert holding.own(domain=str(domain.public_id), customer=domain.customer) == domain


# --- pages ------------------------------------------------------------------------------------------------------------


def test_staff_read_whose_invoice_holds_the_domain(client: Client) -> None:
    domain, hanna = make_domain(name="tulip.com"), make_staff()
    own = make_debt(domain)
    page = reverse("admin:desk_record", args=[domain.customer.public_id, "domains", domain.public_id])
    reading.open_record(customer=domain.customer, by=actor(hanna), user=hanna, now=now(), reason="They called about it")
    sign_in(client, hanna)

    assert f"{own.number}: overdue: 73.80 EUR" in client.get(page).content.decode()
    pay(own)
    theirs = make_debt(domain, customer=make_customer())

    shown = client.get(page).content.decode()
    assert theirs.number in shown
    assert "do not tell them more than that the domain is held" in shown
