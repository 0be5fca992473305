from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from backoffice.cards.models import Card
from backoffice.customers import contact_points
from backoffice.customers.models import ContactPoint, Customer, CustomerKind, Representative
from backoffice.domains.invoices.models import Invoice
from backoffice.domains.models import Domain
from backoffice.staff.models import StaffProfile, User
from demo.people import PASSWORD, PEOPLE
from tests.demo.loading import load
from tests.factories import now

pytestmark = pytest.mark.django_db
KEPT: tuple[Any, ...] = (
    *(User, Group, Authenticator, Customer, ContactPoint, Representative),
    *(Card, Domain, Invoice),
)


def test_the_people_of_the_story_are_loaded_with_role_and_authenticator() -> None:
    load()

    for person in PEOPLE:
        user = User.objects.get(username=person.username)
        held = Authenticator.objects.get(user=user, type="totp")
        assert get_adapter().decrypt(held.data["secret"]) == person.totp_secret
        assert user.role_names == ({person.role.value} if person.role else frozenset())
        assert user.check_password(PASSWORD)
    assert StaffProfile.objects.filter(certified_visitor=True).count() == 2


def test_marias_number_is_new_her_card_active_and_the_rest_is_there() -> None:
    load()
    maria = Customer.objects.get(user__username="maria")

    assert contact_points.changed_within(customer=maria, now=now()) == {"phone"}
    assert str(maria.cards.get(issuer_token="ic_demo_maria")) == "Visa ····4242"
    assert Customer.objects.filter(kind=CustomerKind.ORGANISATION).count() == 2
    assert Domain.objects.filter(customer=maria).exists()


def test_loading_twice_changes_nothing() -> None:
    load()
    counts = [model._default_manager.count() for model in KEPT]

    load()

    assert [model._default_manager.count() for model in KEPT] == counts


def test_they_are_not_loaded_outside_demonstration_mode(settings: LazySettings) -> None:
    with pytest.raises(CommandError, match="off"):
        call_command("demo_data")
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="never loaded into production"):
        call_command("demo_data", force=True)
    assert not User.objects.exists()
