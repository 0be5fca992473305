"""Threat 1: a number that is in other hands is trusted no more, and whoever took it gains nothing from what is open."""

from __future__ import annotations

import base64
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from standardwebhooks.webhooks import Webhook

from backoffice.cases import freezing
from backoffice.cases.models import Alarm, Case, CaseState, Event
from backoffice.customers import contact_points, reading
from backoffice.customers.addresses import index_of
from backoffice.customers.models import ContactPoint, Customer
from backoffice.security.checks import check_accounting
from backoffice.staff.models import Role
from backoffice.telephony import numbers
from backoffice.trust.models import Contact, ContactChannel
from tests.contact_changes.changing import open_change
from tests.factories import actor, make_card, make_customer, make_staff, now, sign_in
from tests.playing import open_card_case

pytestmark = pytest.mark.django_db
SECRET = "whsec_" + base64.b64encode(b"a telephone company, in tests").decode()
TOLD = "number_moved_notice"


@pytest.fixture(autouse=True)
def _known_secret(settings: Settings) -> None:
    settings.NUMBERS_SECRET = SECRET


def phone(customer: Customer) -> ContactPoint:
    point = contact_points.current(customer=customer, kind="phone")
    assert point is not None
    return point


def signal(
    number: str, *, signal_id: str = "", at: datetime | None = None, secret: str = SECRET, raw: str = "", **told: Any
) -> Any:
    body, at = raw or json.dumps({"number": number, "what": "swapped"} | told), at or datetime.now(UTC)
    signal_id = signal_id or uuid.uuid4().hex
    headers = {
        "webhook-id": signal_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(msg_id=signal_id, timestamp=at, data=body),
    }
    return Client().post("/api/v1/signals/number", body, "application/json", headers=headers)


def told_by(customer: Customer) -> list[str]:
    return sorted(Contact.objects.filter(customer=customer, purpose=TOLD).values_list("channel", flat=True))


def is_untouched(customer: Customer, case: Case) -> bool:
    case.refresh_from_db()
    return case.state == CaseState.OPEN and phone(customer).sim_swapped_at is None and told_by(customer) == []


def test_a_swap_in_mid_case_pauses_what_is_open_and_is_told_on_every_other_channel(maria: Customer) -> None:
    change, card, others = open_change(maria), open_card_case(make_card(customer=maria)), make_customer()
    theirs = open_change(others)
    assert numbers.callable_numbers(customer=maria, now=now()) == [phone(maria)]

    answer = signal(phone(maria).value)

    assert (answer.status_code, answer.json()) == (202, {"taken": True})
    for case in (change, card):
        case.refresh_from_db()
        assert case.state == CaseState.FROZEN
        paused = Event.objects.get(case=case, kind="case.frozen")
        assert (paused.reason, paused.actor_kind) == ("number_moved", "system")
    assert phone(maria).sim_swap_noted_by == "telephone_company"
    assert told_by(maria) == [ContactChannel.LETTER, ContactChannel.MAIL]
    assert not Contact.objects.filter(customer=maria, channel=ContactChannel.SMS).exists()
    assert numbers.callable_numbers(customer=maria, now=now() + timedelta(days=400)) == []
    assert is_untouched(others, theirs)


def test_a_number_that_nobody_has_is_answered_as_one_that_somebody_has(maria: Customer) -> None:
    known, unknown = signal(phone(maria).value, what="ported"), signal("+12065550199")

    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert {name: known.headers[name] for name in known.headers} == dict(unknown.headers)


def test_a_signal_that_comes_again_pauses_nothing_that_goes_on_again(maria: Customer) -> None:
    case, number = open_change(maria), phone(maria).value
    first = signal(number, signal_id="s1")
    freezing.unfreeze(case_id=case.id, by=actor(make_staff(role=Role.SUPERVISOR)), reason="They moved it themselves")

    again = signal(number, signal_id="s1")

    case.refresh_from_db()
    assert (again.status_code, again.content, case.state) == (202, first.content, CaseState.OPEN)
    assert len(told_by(maria)) == 2
    signal(number, signal_id="s2")
    case.refresh_from_db()
    assert case.state == CaseState.FROZEN


def replaced(customer: Customer, *, kind: str, value: str, how: str, days: int = 2) -> ContactPoint:
    """An address that was in force until some days ago."""
    index, since = index_of(kind=kind, value=value), now() - timedelta(days=300)
    verified = {"verified_at": since, "verified_how": how} if how else {}
    return ContactPoint.objects.create(
        customer=customer,
        kind=kind,
        value=value,
        value_index=index,
        masked=f"old {kind}",
        since=since,
        superseded_at=now() - timedelta(days=days),
        **verified,
    )


def reached(customer: Customer) -> list[str]:
    found = Contact.objects.filter(customer=customer, purpose=TOLD).values_list("channel", "address_masked")
    return sorted(f"{channel} {masked}" for channel, masked in found if masked.startswith("old"))


def test_whoever_took_the_number_may_have_replaced_the_other_addresses_so_those_are_told_too(maria: Customer) -> None:
    """Each that was proven and replaced within thirty days; never a number that is in other hands itself."""
    replaced(maria, kind="mail", value="old@example.org", how="code")
    replaced(maria, kind="mail", value="never-proven@example.org", how="")
    replaced(maria, kind="mail", value="long-ago@example.org", how="code", days=31)
    replaced(maria, kind="phone", value="+12025550171", how="code")
    gone = replaced(maria, kind="phone", value="+12025550172", how="code")
    ContactPoint.objects.filter(pk=gone.pk).update(sim_swapped_at=now())
    replaced(maria, kind="phone", value=phone(maria).value, how="code")

    signal(phone(maria).value)

    assert reached(maria) == ["mail old mail", "sms old phone"]
    assert Contact.objects.filter(customer=maria, purpose=TOLD, channel=ContactChannel.SMS).count() == 1


def test_what_one_of_us_notes_does_the_same_as_a_signal_and_twice_is_once(maria: Customer, client: Client) -> None:
    case, others = open_change(maria), open_change(make_customer())
    replaced(maria, kind="mail", value="old@example.org", how="code")
    hanna = make_staff()
    reading.open_record(customer=maria, by=actor(hanna), user=hanna, now=now(), reason="Her telephone has no network")
    sign_in(client, hanna)

    for _press in range(2):
        client.post(reverse("admin:customers_customer_sim_swap", args=[maria.pk]))

    case.refresh_from_db()
    others.refresh_from_db()
    assert (case.state, others.state) == (CaseState.FROZEN, CaseState.OPEN)
    assert Event.objects.get(case=case, kind="case.frozen").reason == "number_moved"
    assert told_by(maria) == [ContactChannel.LETTER, ContactChannel.MAIL, ContactChannel.MAIL]
    assert phone(maria).sim_swapped_at is not None


def test_one_number_of_two_customers_is_marked_for_both(maria: Customer) -> None:
    other = make_customer(contacts={"mail": "o@example.org", "phone": phone(maria).value})
    signal(phone(maria).value)

    assert phone(maria).sim_swapped_at is not None
    assert phone(other).sim_swapped_at is not None
    assert told_by(other) == [ContactChannel.MAIL]


def test_what_is_forged_late_or_unsigned_changes_nothing(maria: Customer, settings: Settings) -> None:
    case, number = open_change(maria), phone(maria).value
    other = "whsec_" + base64.b64encode(b"another secret of somebody").decode()
    answers = [
        signal(number, secret=other),
        signal(number, at=datetime.now(UTC) - timedelta(minutes=6)),
        signal(number, at=datetime.now(UTC) + timedelta(minutes=6)),
        Client().post("/api/v1/signals/number", json.dumps({"number": number, "what": "swapped"}), "application/json"),
    ]
    settings.NUMBERS_SECRET = ""
    answers.append(signal(number))

    assert [answer.status_code for answer in answers] == [401] * 5
    assert is_untouched(maria, case)


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ('{"number": "hello", "what": "swapped"}', "number"),
        ('{"number": "+12065550199", "what": "eaten"}', "what"),
        ('{"what": "swapped"}', "number"),
        ("[1]", "non_field_errors"),
        ("{", ""),
    ],
)
def test_a_signal_of_a_wrong_form_is_refused_on_its_field(raw: str, field: str) -> None:
    answer = signal("", raw=raw)

    assert answer.status_code == 400
    assert field in json.dumps(answer.json())


def test_one_that_is_too_large_is_told_to_a_person(settings: Settings) -> None:
    settings.LARGEST_CONTENT = settings.LARGEST_CONTENT | {"/api/v1/signals/": 10}
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    signal("+12065550199")

    assert Alarm.objects.get().code == "number_signal_not_read"


@pytest.mark.parametrize(("secret", "faults"), [("", 0), (SECRET, 0), ("whsec_x", 1), ("geheim", 1)])
def test_a_start_with_a_secret_of_a_wrong_form_is_refused(settings: Settings, secret: str, faults: int) -> None:
    settings.NUMBERS_SECRET, settings.ACCOUNTING_SECRET = secret, ""
    assert len(check_accounting(None)) == faults


@pytest.mark.django_db(transaction=True)
def test_many_copies_of_a_signal_at_once_count_once() -> None:
    customer = make_customer()
    case, number = open_change(customer), phone(customer).value

    def send(_copy: int) -> int:
        try:
            return int(signal(number, signal_id="s1").status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(send, range(12))) == {202}
    assert Event.objects.filter(case=case, kind="case.frozen").count() == 1
    assert len(told_by(customer)) == 2
