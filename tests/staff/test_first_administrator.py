"""`manage.py first_administrator`: how a new installation gets its first account."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from backoffice.staff.models import Role, User
from backoffice.staff.roles import has_role
from tests.factories import make_staff

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery"


def made(monkeypatch: pytest.MonkeyPatch, name: str = "otto", password: str = PASSWORD) -> str:
    out = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    call_command("first_administrator", name, stdout=out)
    return out.getvalue()


def test_it_makes_an_administrator_who_is_no_superuser(monkeypatch: pytest.MonkeyPatch) -> None:
    made(monkeypatch)

    otto = User.objects.get(username="otto")
    assert has_role(otto, Role.ADMINISTRATOR)
    assert otto.check_password(PASSWORD)
    assert not otto.is_superuser


def test_there_is_only_one_first_administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    make_staff(role=Role.ADMINISTRATOR)

    with pytest.raises(CommandError, match="There is an administrator already"):
        made(monkeypatch)

    assert not User.objects.filter(username="otto").exists()


def test_one_who_was_switched_off_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    make_staff(role=Role.ADMINISTRATOR, is_active=False)

    assert "second factor" in made(monkeypatch)


@pytest.mark.parametrize(
    ("name", "password", "sentence"),
    [("hanna", PASSWORD, "Somebody else has this name"), ("otto", "otto", "too short"), (" ", PASSWORD, "this name")],
)
def test_a_name_that_is_taken_and_a_weak_password_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, password: str, sentence: str
) -> None:
    make_staff(username="hanna")

    with pytest.raises(CommandError, match=sentence):
        made(monkeypatch, name, password)

    assert User.objects.count() == 1
