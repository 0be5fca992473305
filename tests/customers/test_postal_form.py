"""The fields of a postal address in a form, without script."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from backoffice.customers import contact_points
from backoffice.customers.forms import CheckPartsForm, NewCustomerForm
from backoffice.customers.models import Customer
from backoffice.customers.postal import PostalAddress
from backoffice.staff.models import Role
from tests.customers.test_admin import NEW
from tests.factories import make_staff, sign_in

pytestmark = pytest.mark.django_db


def form(country: str) -> CheckPartsForm:
    return CheckPartsForm(None, country=country)


def sent(**data: str) -> CheckPartsForm:
    return CheckPartsForm(data, country="NL")


def shown(given: CheckPartsForm) -> list[str]:
    return [name for name, field in given.fields.items() if not field.widget.is_hidden]


@pytest.mark.parametrize(
    ("country", "parts"),
    [
        ("NL", ["code", "town"]),
        ("GB", ["town", "code"]),
        ("HK", ["town", "region"]),
        ("JP", ["region", "code"]),
        ("US", ["town", "region", "code"]),
        ("IE", ["district", "town", "region", "code"]),
        ("CN", ["district", "town", "region", "code"]),
        ("SG", ["code"]),
    ],
)
def test_a_form_asks_what_the_country_has_in_its_own_order(country: str, parts: list[str]) -> None:
    assert shown(form(country)) == ["country", "recipient", "line1", "line2", "line3", *parts]


def test_the_labels_are_the_words_of_the_country() -> None:
    american, irish = form("US"), form("IE")

    assert (str(american.fields["code"].label), str(american.fields["region"].label)) == ("ZIP code", "State")
    assert (str(irish.fields["code"].label), str(irish.fields["region"].label)) == ("Eircode", "County")


def test_the_button_beside_the_country_shows_its_fields_and_takes_nothing() -> None:
    given = sent(country="US", line1="1 Main St", code="1016 GC", redraw="1")

    assert not given.is_valid()
    assert set(given.errors) == {"country"}
    assert "region" in shown(given)
    assert 'value="1 Main St"' in str(given)


def test_another_country_draws_its_fields_also_without_the_button() -> None:
    given = sent(country="US", line1="1 Main St", code="1016 GC", town="Austin")

    assert set(given.errors) == {"region", "code"}
    assert "region" in shown(given)


def test_what_was_typed_for_another_country_is_not_kept_where_nobody_sees_it() -> None:
    given = sent(country="NL", line1="Plein 1", code="2511 AB", town="Den Haag", region="TX")

    assert set(given.errors) == {"region"}
    assert "TX" not in str(given)


def test_a_region_is_taken_by_its_code_or_its_name() -> None:
    for region in ("CA", "California", "california"):
        given = sent(country="US", line1="1 Main St", code="94132", town="San Francisco", region=region)
        assert given.is_valid(), given.errors
        assert given.cleaned_data["value"].region == "CA"


@pytest.mark.parametrize("country", ["XX", "", "Netherlands", "<b>", "nl\x00"])
def test_a_country_that_is_none_is_told_at_its_field(country: str) -> None:
    given = sent(country=country, line1="Plein 1", code="2511 AB", town="Den Haag")

    assert "country" in given.errors


def new(**changed: Any) -> NewCustomerForm:
    return NewCustomerForm(NEW | changed)


def test_a_new_customer_needs_no_postal_address() -> None:
    bare = dict.fromkeys(("postal_line1", "postal_code", "postal_town"), "")

    given = new(**bare)

    assert given.is_valid(), given.errors
    assert "postal" not in given.particulars().contacts


def test_half_an_address_is_told_part_by_part() -> None:
    given = new(postal_line1="", postal_town="")

    assert set(given.errors) == {"postal_line1", "postal_town"}


def test_a_supervisor_enters_an_address_abroad_in_its_parts(client: Client) -> None:
    sign_in(client, make_staff(role=Role.SUPERVISOR))
    abroad = {"postal_country": "HK", "postal_line1": "150 Kennedy Road", "postal_code": "", "postal_town": ""}

    first = client.post("/desk/customers/customer/add/", NEW | abroad | {"postal_redraw": "1"})
    answer = client.post("/desk/customers/customer/add/", NEW | abroad | {"postal_region": "Kowloon"})

    assert first.status_code == 200
    assert 'name="postal_region"' in first.content.decode()
    assert answer.status_code == 302
    point = contact_points.current(customer=Customer.objects.get(), kind="postal")
    assert point is not None
    assert point.address == PostalAddress(country="HK", lines=("150 Kennedy Road",), region="Kowloon")
