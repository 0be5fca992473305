"""The transfer code: who sees it, how often, and where it is never written."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from backoffice.cases.answering import Session
from backoffice.cases.models import Case, Command, Event, ItemState, WorkItem
from backoffice.cases.unit_of_work import changing
from backoffice.domains.transfer_out import codes
from backoffice.domains.transfer_out.models import TransferOut
from backoffice.messages import composing
from backoffice.messages.models import Message
from backoffice.refusals import Conflict, NeedsProof, NotFound
from backoffice.staff.models import User
from tests.domains.leaving import leaving
from tests.factories import make_domain, now, totp_code
from tests.playing import advance, ask, close, customer_actor
from tests.portal.conftest import Person, make_person
from workflows.base.contracts import SendNotice
from workflows.domain_transfer_out.spec import DOMAIN_TRANSFER_OUT

pytestmark = pytest.mark.django_db
CANARY = "Canary-7QwErT-9yUiPa-sDfGhJ"


@pytest.fixture
def maria() -> Person:
    return make_person()


@pytest.fixture
def case(maria: Person) -> Case:
    """Her domain is unlocked, and its code is at the registry."""
    case, domain = leaving("tulip.example", customer=maria.customer)
    domain.locks, domain.statuses, domain.authinfo_set_at = [], ["ok"], now()
    domain.save()
    TransferOut.objects.filter(case=case).update(code_set_at=now(), code_until=now() + timedelta(days=14))
    out = TransferOut.objects.get(case=case)
    out.code = CANARY
    out.save()
    advance(case, stage="authinfo", notices=(SendNotice("transfer_code_ready", {"until": now().isoformat()}),))
    return case


def prove(maria: Person, case: Case) -> Any:
    item = WorkItem.objects.get(case=case, kind="take_transfer_code", state=ItemState.OPEN)
    return maria.client.post(reverse("portal:confirm", args=[item.id]), {"code": totp_code(maria.secret)})


def user_of(person: Person) -> User:
    assert person.customer.user is not None
    return person.customer.user


def url(case: Case) -> str:
    return reverse("portal:domain_transfer_out:code", args=[case.reference])


def page(maria: Person, case: Case) -> str:
    return maria.client.get(url(case)).content.decode()


def reveal(maria: Person, case: Case) -> str:
    return maria.client.post(url(case), follow=True).content.decode()


def test_codes_are_long_random_and_fit_what_registries_ask_for() -> None:
    made = {codes.new_code() for _one in range(500)}

    assert len(made) == 500
    for code in made:
        assert re.fullmatch(r"[A-Za-z2-9]{6}(-[A-Za-z2-9]{6}){3}", code)
        assert all(re.search(kind, code) for kind in ("[A-Z]", "[a-z]", "[2-9]"))
        assert not set("0O1lIo") & set(code)
    alphabet = len(codes.UPPER + codes.LOWER + codes.DIGITS)
    assert alphabet ** (codes.GROUPS * codes.GROUP) > 2**128


def test_the_holder_proves_who_they_are_presses_the_button_and_sees_it_once(maria: Person, case: Case) -> None:
    ask(case, "take_transfer_code")
    assert "First confirm that it is you" in page(maria, case)

    response = prove(maria, case)
    assert response.headers["Location"] == url(case)
    for _opened in range(2):
        opened = page(maria, case)
        assert "Show the code now" in opened
        assert CANARY not in opened
    assert CANARY in reveal(maria, case)

    out = TransferOut.objects.get(case=case)
    assert out.code is None
    assert CANARY not in page(maria, case)
    assert CANARY not in reveal(maria, case)
    assert Event.objects.filter(case=case, kind="transfer_out.code_shown").count() == 1


def test_who_wants_it_again_gets_another_one(maria: Person, case: Case) -> None:
    ask(case, "take_transfer_code")
    prove(maria, case)
    reveal(maria, case)
    item = ask(case, "take_transfer_code")
    assert "Get another code" in page(maria, case)

    maria.client.post(reverse("portal:confirm", args=[item.id]), {"code": totp_code(maria.secret, step=1)})

    assert "We are setting another code" in page(maria, case)
    status = reverse("portal:domain_transfer_out:status", args=[case.reference])
    assert maria.client.get(status).status_code == 204
    asked = Command.objects.filter(case=case, signal="happened").order_by("number")
    assert [order.payload["facts"] for order in asked] == [{}, {"again": True}]
    key = f"{case.id}:set_transfer_code:2"
    made = codes.made_for(case.id, key=key)
    assert codes.made_for(case.id, key=key) == made
    TransferOut.objects.filter(case=case).update(code_set_at=now())
    assert "Show the code now" in maria.client.get(status).content.decode()
    assert made in reveal(maria, case)


def test_another_code_is_good_until_the_same_day(case: Case) -> None:
    TransferOut.objects.filter(case=case).update(code_until=None)
    with changing(case.id) as locked:
        first = codes.was_set(locked, now=now())
    with changing(case.id) as locked:
        second = codes.was_set(locked, now=now() + timedelta(days=3))

    assert first.until == second.until == TransferOut.objects.get(case=case).code_until


def test_another_session_of_the_holder_does_not_see_it(maria: Person, case: Case) -> None:
    ask(case, "take_transfer_code")
    prove(maria, case)
    maria.client.cookies.clear()
    maria.client.force_login(user_of(maria))

    assert "Show the code now" not in page(maria, case)
    assert CANARY not in reveal(maria, case)
    assert TransferOut.objects.get(case=case).code == CANARY


def test_the_proof_is_good_for_ten_minutes(maria: Person, case: Case) -> None:
    ask(case, "take_transfer_code")
    prove(maria, case)
    TransferOut.objects.filter(case=case).update(wanted_at=now() - timedelta(minutes=11))

    assert "Show the code now" not in page(maria, case)
    assert CANARY not in reveal(maria, case)


def test_a_code_from_before_a_freeze_is_not_shown_any_more(maria: Person, case: Case) -> None:
    ask(case, "take_transfer_code")
    prove(maria, case)
    TransferOut.objects.filter(case=case).update(guarded_at=now())

    assert "The case was paused, so the one before is good for nothing." in page(maria, case)
    assert CANARY not in reveal(maria, case)
    session = Session(user=user_of(maria), key=maria.client.session.session_key or "")
    with pytest.raises(Conflict, match="Another code is being set"):
        codes.reveal(case_id=case.id, by=customer_actor(maria.customer), session=session)


def test_nobody_else_and_no_paused_case_shows_it(maria: Person, case: Case) -> None:
    ask(case, "take_transfer_code")
    prove(maria, case)
    stranger = make_person()
    session = Session(user=user_of(maria), key=maria.client.session.session_key or "")
    assert stranger.client.get(url(case)).status_code == 404
    assert stranger.client.post(url(case)).status_code == 404
    with pytest.raises(NotFound):
        codes.reveal(case_id=case.id, by=customer_actor(stranger.customer), session=session)
    other = Session(user=user_of(stranger), key="another")
    with pytest.raises(NeedsProof):
        codes.reveal(case_id=case.id, by=customer_actor(maria.customer), session=other)
    Case.objects.filter(id=case.id).update(state="frozen")
    with pytest.raises(Conflict):
        codes.reveal(case_id=case.id, by=customer_actor(maria.customer), session=session)
    assert TransferOut.objects.get(case=case).code == CANARY


def test_a_closed_case_keeps_no_code(case: Case) -> None:
    close(case, "failed")

    assert TransferOut.objects.get(case=case).code is None


def test_the_code_is_nowhere_in_clear(maria: Person, case: Case, caplog: pytest.LogCaptureFixture) -> None:
    ask(case, "take_transfer_code")
    prove(maria, case)
    assert in_clear() == []
    assert CANARY in reveal(maria, case)

    assert in_clear() == []
    assert CANARY not in caplog.text
    assert CANARY not in str(TransferOut.objects.get(case=case))


def in_clear() -> list[str]:
    """The tables in which the code stands as it is, as the database keeps them."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE %s', [f"%{CANARY}%"])
            row = cursor.fetchone()
            if row and row[0]:
                found.append(table)
    return found


@pytest.mark.parametrize("notice", [notice.name for notice in DOMAIN_TRANSFER_OUT.notices])
def test_every_message_names_the_domain_and_never_the_code(maria: Person, case: Case, notice: str) -> None:
    shown = {name: now().isoformat() if name == "until" else "withdrawn" for name in _shows(notice)}
    advance(case, notices=(SendNotice(notice, shown),))

    messages = [one for one in Message.objects.select_related("contact") if one.template.endswith(notice)]
    texts = [
        frame(
            one.template,
            customer=maria.customer,
            case_reference=case.reference,
            check_code=one.contact.reference,
            context=one.context,
        ).text
        for one in messages
        for frame in (composing.mail, composing.sms)
    ]

    assert {one.contact.channel for one in messages} == {"mail", "sms"}
    assert all("tulip.example" in text and CANARY not in text for text in texts)
    stops = next(one for one in DOMAIN_TRANSFER_OUT.notices if one.name == notice).stops
    assert all(("/stop" in text) == stops for text in texts)


def _shows(notice: str) -> tuple[str, ...]:
    return next(one for one in DOMAIN_TRANSFER_OUT.notices if one.name == notice).shows


def test_an_account_without_the_domain_gets_the_same_page_as_for_no_case(case: Case) -> None:
    stranger = make_person()
    make_domain(customer=stranger.customer)

    assert stranger.client.get(url(case)).status_code == stranger.client.get("/portal/cases/XXX/").status_code == 404
