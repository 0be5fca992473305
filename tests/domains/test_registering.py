from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from backoffice.domains.models import Domain, Lock
from backoffice.domains.names import clean
from backoffice.domains.registering import register
from backoffice.refusals import Conflict, Invalid
from tests.factories import make_customer, make_domain, now


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        (" Example.ORG. ", "example.org"),
        ("żółw.example", "xn--w-uga1v8h.example"),
        ("XN--W-UGA1V8H.example", "xn--w-uga1v8h.example"),
        ("straße.example", "xn--strae-oqa.example"),
    ],
)
def test_a_name_has_one_written_form(typed: str, written: str) -> None:
    assert clean(typed) == written


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "example",
        ".",
        "-a.example",
        "a..example",
        "a b.example",
        "192.0.2.1",
        "a" * 64 + ".example",
        "xn--zzzzzz.example",
    ],
)
def test_what_is_no_name_is_refused_on_its_field(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean(typed)

    assert "name" in refused.value.errors


@pytest.mark.django_db
def test_people_see_the_name_in_its_own_script() -> None:
    assert str(make_domain(name="żółw.example")) == "żółw.example"


@pytest.mark.django_db
def test_a_name_has_one_holder() -> None:
    domain = make_domain()

    again = make_domain(name=domain.name.upper(), customer=domain.customer)
    with pytest.raises(Conflict):
        make_domain(name=domain.name)

    assert again == domain


@pytest.mark.django_db
def test_times_and_locks_are_checked() -> None:
    with pytest.raises(Invalid) as refused:
        register(
            name="a.example",
            customer=make_customer(),
            registered_at=now(),
            expires_at=now() - timedelta(days=1),
            locks=[Lock.TRANSFER, "padlock"],
        )

    assert set(refused.value.errors) == {"expires_at", "locks"}
    assert not Domain.objects.exists()


@pytest.mark.django_db
def test_the_database_knows_no_domain_that_ends_before_it_begins() -> None:
    domain = make_domain()

    with pytest.raises(IntegrityError, match="domain_ends_after_it_begins"), transaction.atomic():
        Domain.objects.filter(pk=domain.pk).update(expires_at=domain.registered_at)
