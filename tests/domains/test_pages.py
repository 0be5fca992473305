"""A domain on its own page: for its holder, for staff, and what the registry last said of it."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.actors import CALLER_CODE, Actor, Level, system
from backoffice.cases import timeline
from backoffice.cases.models import Case, Event
from backoffice.cases.unit_of_work import changing
from backoffice.customers import reading
from backoffice.customers.models import Customer
from backoffice.domains import holding, orders, pages, refreshing, statuses
from backoffice.domains.models import Domain, DomainState, Lock
from backoffice.domains.ports import RegisteredDomain, Status
from tests.factories import actor, make_card, make_customer, make_debt, make_domain, make_staff, now, sign_in
from tests.playing import customer_actor, open_card_case

pytestmark = pytest.mark.django_db
SEEN = RegisteredDomain(
    name="",
    registrant="CS-17",
    sponsor="meridian",
    statuses=frozenset({"clientTransferProhibited", "serverDeleteProhibited"}),
    created_at=datetime(2024, 3, 1, tzinfo=UTC),
    expires_at=datetime(2031, 3, 1, tzinfo=UTC),
    contacts=(("admin", "CS-18"),),
)


def page(client: Client, domain: Domain, customer: Customer | None = None) -> str:
    reader = customer or domain.customer
    assert reader.user is not None
    answer = sign_in(client, reader.user).get(reverse("portal:thing", args=["domains", domain.public_id]))
    return answer.content.decode() if answer.status_code == 200 else str(answer.status_code)


def desk_page(client: Client, domain: Domain) -> str:
    hanna = make_staff()
    reading.open_record(customer=domain.customer, by=actor(hanna), user=hanna, now=now(), reason="They called about it")
    address = reverse("admin:desk_record", args=[domain.customer.public_id, "domains", domain.public_id])
    return sign_in(client, hanna).get(address).content.decode()


def ordered(domain: Domain, *, by: Actor, customer: Customer | None = None) -> Case:
    """A case of this customer that holds the domain."""
    case = open_card_case(make_card(customer=customer or domain.customer), by=by)
    with changing(case.id) as locked:
        holding.note_order(domain=domain, case=locked, now=now())
    return case


# --- for its holder ---------------------------------------------------------------------------------------------------


def test_the_holder_sees_both_forms_of_the_name_its_locks_and_dates_in_words(client: Client) -> None:
    domain = refreshing.note_seen(
        domain=make_domain(name="żółw.pl"), seen=dataclasses.replace(SEEN, name="xn--w-uga1v8h.pl")
    )

    shown = page(client, domain)

    for said in ("żółw.pl", "xn--w-uga1v8h.pl", "1 March 2024", "1 March 2031", "NASK (Poland)"):
        assert said in shown
    assert "no transfer to another provider: our lock" in shown
    assert "no deletion: the registry&#x27;s lock" in shown
    for inner in ("CS-17", "CS-18", "clientTransferProhibited", "meridian"):
        assert inner not in shown


def test_the_page_says_what_each_change_would_take(client: Client) -> None:
    shown = page(client, make_domain(name="tulip.pl"))

    assert "Both of you confirm it, within 7 days." in shown
    assert "can stop it for 3 days" in shown
    assert "You get a transfer code." in shown


def test_the_page_says_why_a_change_cannot_be_now(client: Client) -> None:
    domain = make_domain(name="tulip.com", registered_at=now() - timedelta(days=3))
    late = make_debt(domain)

    shown = page(client, domain)

    assert f"Not now. Invoice {late.number} for this domain is overdue: 73.80 EUR was to be paid by" in shown


@pytest.mark.parametrize("which", ["another's", "unknown", "no id", "no kind"])
def test_what_is_not_theirs_reads_like_what_nobody_knows(client: Client, which: str) -> None:
    domain = make_domain()
    stranger = make_customer()
    assert stranger.user is not None
    sign_in(client, stranger.user)
    kind, key = {
        "another's": ("domains", str(domain.public_id)),
        "unknown": ("domains", "5b0b5e5e-3c1b-4b0e-8f0e-0d0a3a1f2c4d"),
        "no id": ("domains", "tulip.example"),
        "no kind": ("castles", str(domain.public_id)),
    }[which]

    assert client.get(reverse("portal:thing", args=[kind, key])).status_code == 404


def test_the_list_leads_to_the_page(client: Client) -> None:
    domain = make_domain()
    assert domain.customer.user is not None

    shown = sign_in(client, domain.customer.user).get(reverse("portal:mine")).content.decode()

    assert f'href="{reverse("portal:thing", args=["domains", domain.public_id])}"' in shown


def test_whatever_process_asks_for_a_domain_can_be_started_from_its_page(client: Client) -> None:
    domain = make_domain(name="tulip.com")

    shown = page(client, domain)

    assert f'href="/portal/open/domain_cession/?domain={domain.public_id}"' in shown
    assert "Give a domain to somebody else" in shown
    assert "We first ask you to confirm it." in shown


def test_what_cannot_be_started_says_why_on_the_page(client: Client) -> None:
    domain = make_domain(name="tulip.com")
    Domain.objects.filter(pk=domain.pk).update(state=DomainState.DISPUTED)

    shown = page(client, domain)

    assert "/portal/open/domain_cession/" not in shown
    assert "There is a dispute about this domain." in shown


# --- orders -----------------------------------------------------------------------------------------------------------


def test_every_order_says_who_when_and_by_which_proof(client: Client) -> None:
    domain = make_domain()
    mine = ordered(domain, by=customer_actor(domain.customer, proof="webauthn"))
    by_phone = actor(make_staff()).with_proof(Level.SIGNED_IN, CALLER_CODE)
    phoned = ordered(domain, by=by_phone)

    shown = page(client, domain)

    assert mine.reference in shown
    assert phoned.reference in shown
    assert "you (portal, a passkey)" in shown
    assert "one of us (desk, a code that the caller read out)" in shown
    assert "Bakker" not in shown
    assert "Bakker" in desk_page(Client(), domain)


def test_what_a_holder_before_ordered_is_not_shown_to_the_next() -> None:
    domain, next_one = make_domain(), make_customer()
    case = ordered(domain, by=customer_actor(domain.customer))
    Domain.objects.filter(pk=domain.pk).update(customer=next_one)
    domain.refresh_from_db()

    assert [one.case for one in orders.of_domain(domain)] == [case]
    assert orders.of_domain(domain, reader=next_one) == []
    assert domain.holdings.get().customer.name not in str(pages.for_customer(_record(domain), domain, next_one))


def _record(domain: Domain) -> Any:
    from backoffice.domains.records import of_customer

    return of_customer(domain.customer)[0]


def test_a_case_that_takes_hold_of_a_domain_is_an_order_once() -> None:
    domain = make_domain()
    case = open_card_case(make_card())
    for _ in range(2):
        with changing(case.id) as locked:
            holding.lock_edits(domain=domain, by=system(), case=locked, now=now())

    assert [one.case for one in orders.of_domain(domain)] == [case]
    assert Event.objects.filter(case=case, kind="domain.edits_locked").count() == 1
    case.refresh_from_db()
    assert timeline.verify(case) is None


# --- for staff --------------------------------------------------------------------------------------------------------


def test_staff_see_everything_on_one_page(client: Client) -> None:
    domain = make_domain(name="żółw.pl")
    domain = refreshing.note_seen(domain=domain, seen=dataclasses.replace(SEEN, name=domain.name))
    Domain.objects.filter(pk=domain.pk).update(is_high_value=True)

    shown = desk_page(client, domain)

    for said in ("CS-17", "CS-18", "clientTransferProhibited, serverDeleteProhibited", "nask", "Holders", "Value mark"):
        assert said in shown
    assert domain.customer.name in shown


def test_the_desk_asks_why_before_it_shows_a_domain(client: Client) -> None:
    domain = make_domain()
    sign_in(client, make_staff())
    address = reverse("admin:desk_record", args=[domain.customer.public_id, "domains", domain.public_id])

    answer = client.get(address)

    assert "Why do you open this record?" in answer.content.decode()
    assert domain.name not in answer.content.decode()


def test_the_admin_shows_the_history_and_changes_nothing(client: Client) -> None:
    domain, sam = make_domain(), make_staff()
    reading.open_record(customer=domain.customer, by=actor(sam), user=sam, now=now(), reason="They called about it")
    sign_in(client, sam)

    shown = client.get(f"/desk/domains/domain/{domain.pk}/change/").content.decode()

    assert "At the registry" in shown
    assert "registered it, or brought it here" in shown
    assert 'name="state"' not in shown


# --- what the registry said -------------------------------------------------------------------------------------------


def test_what_the_registry_says_is_taken_over_and_the_holder_is_not() -> None:
    domain = make_domain()

    seen = refreshing.note_seen(domain=domain, seen=dataclasses.replace(SEEN, name=domain.name))

    assert seen.locks == [Lock.DELETE, Lock.TRANSFER]
    assert seen.contacts == [["admin", "CS-18"]]
    assert (seen.expires_at, seen.customer) == (SEEN.expires_at, domain.customer)
    with pytest.raises(ValueError, match="another domain"):
        refreshing.note_seen(domain=domain, seen=SEEN)


def test_every_state_that_we_know_has_words_and_no_state_is_lost() -> None:
    assert {one.value for one in Status} - {"ok"} <= set(statuses.WORDS)
    assert statuses.in_words(["ok"]) == []
    assert statuses.in_words(["ok", "newState", "inactive"]) == ["it has no name servers: it leads nowhere", "newState"]
