"""What the people of the demonstration have with the registrar."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from backoffice.customers import representatives
from backoffice.customers.models import Act, Customer
from backoffice.domains import debts, terms
from backoffice.domains.models import Domain, Lock
from demo import domains
from tests.demo.loading import load
from tests.domains.registry import RegistryServer
from tests.factories import now

pytestmark = pytest.mark.django_db


def test_a_company_has_invoices_and_somebody_who_signs_for_it() -> None:
    load()
    tulip = Customer.objects.get(user__username="tulip")

    assert representatives.can_bind(list(representatives.in_force(tulip)), Act.DOMAINS)
    assert tulip.invoices.count() == 3


def test_one_invoice_is_overdue_so_that_a_refusal_can_be_seen() -> None:
    load()

    late = {str(one): found.number for one in Domain.objects.all() if (found := debts.overdue(one, now()))}

    assert late == {"tulip-trading.example": "FV/2026/09/0342"}


def test_each_story_has_a_domain_that_changes_hands_in_seconds() -> None:
    load()

    chosen = domains.for_story(now=now())

    assert set(chosen) == set(domains.FOR_STORIES)
    for name in chosen.values():
        assert 5 < terms.cooling(Domain.objects.get(name=name)).total_seconds() < 15


def test_a_domain_that_is_gone_to_its_new_holder_gives_way_to_another() -> None:
    load()
    first = domains.for_story(now=now())
    Domain.objects.filter(name=first["signed"]).update(customer=Customer.objects.get(user__username="maria"))

    second = domains.for_story(now=now())
    load()

    assert second["signed"] == "rowery-2.demo.example"
    assert {name: second[name] for name in ("paper", "electronic")} == {
        name: first[name] for name in ("paper", "electronic")
    }


def test_the_registry_knows_them_and_our_records_take_over_what_it_says(
    registry_server: RegistryServer, settings: LazySettings
) -> None:
    settings.REGISTRY_CONTROL_URL = registry_server.embedded.control_url
    load()
    domain = Domain.objects.get(name="tulip.example")

    seen = registry_server.domain("tulip.example")
    assert domain.registrant_handle == seen["registrant"]
    assert domain.locks == [Lock.DELETE, Lock.TRANSFER]
    assert registry_server.contact(seen["registrant"])["postal"]["loc"]["org"] == "Tulip Trading sp. z o.o."

    registry_server.embedded.control.clear()
    domains.tell_registry()
    assert registry_server.embedded.control.domains() == []
