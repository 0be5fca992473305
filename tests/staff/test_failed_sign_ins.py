"""What people type into the wrong field of the sign-in is not kept with their failed try."""

from __future__ import annotations

import pytest
from axes.models import AccessAttempt
from django.core.cache import cache
from django.test import Client

from tests.factories import make_user

CARD = "4111 1111 1111 1111"


@pytest.mark.django_db
def test_a_card_number_in_the_field_of_the_name_is_kept_by_its_last_four_digits_and_counted(client: Client) -> None:
    cache.clear()
    for _try in range(2):
        client.post("/account/login/", {"login": CARD, "password": "4111"})

    attempt = AccessAttempt.objects.get()
    assert (attempt.username, attempt.failures_since_start) == ("····1111", 2)
    assert "4111" not in attempt.post_data
    cache.clear()


@pytest.mark.django_db
def test_other_names_are_counted_as_they_are(client: Client) -> None:
    cache.clear()
    user = make_user()
    client.post("/account/login/", {"login": user.username, "password": "wrong"})

    assert AccessAttempt.objects.get().username == user.username
    assert user.username not in AccessAttempt.objects.get().post_data
    cache.clear()
