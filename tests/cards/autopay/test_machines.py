"""What comes to our addresses from the account updater and from billers: signed, read, and taken once."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from backoffice.cards.autopay import files
from backoffice.cards.autopay.updater import signed
from backoffice.cards.models import Card
from backoffice.cases.models import Alarm
from tests.cards.autopay.updating import (
    SECRET,
    lines_of,
    make_biller,
    make_mandate,
    make_renewed,
    now,
    open_update,
    settle,
    states,
    update_of,
)

pytestmark = pytest.mark.django_db
UPDATER_ADDRESS = "/api/v1/webhooks/account-updater"
OTHER_SECRET = "whsec_" + "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkw"


@pytest.fixture(autouse=True)
def secret_of_the_updater(settings: Settings) -> None:
    settings.UPDATER_SECRET = SECRET


def post(address: str, body: str, *, secret: str = SECRET, at: datetime | None = None) -> tuple[int, dict[str, object]]:
    headers = signed(body, name=f"msg_{uuid.uuid4().hex}", secret=secret, now=at or now())
    kind = headers.pop("Content-Type")
    response = Client().post(address, body, content_type=kind, headers=headers)
    return response.status_code, response.json()


def response_of(card: Card, codes: str) -> tuple[str, list[str]]:
    case = open_update(card, lines_=len(codes))
    answered = [files.AnsweredLine(line.public_id, code) for line, code in zip(lines_of(case), codes, strict=True)]
    return files.write_response(files.Response(update_of(case).batch, 1, now(), answered)), states(case)


def test_a_signed_response_is_taken_and_the_same_again_changes_nothing() -> None:
    body, _before = response_of(make_renewed(), "AN")

    first, again = post(UPDATER_ADDRESS, body), post(UPDATER_ADDRESS, body)

    assert first == (200, {"again": False, "moved": 1, "noted": 1, "found": 0, "apart": {}})
    assert again == (200, {"again": True, "moved": 0, "noted": 0, "found": 0, "apart": {}})


@pytest.mark.parametrize("wrong", ["secret", "no secret", "old", "no signature"])
def test_what_is_not_signed_by_the_updater_changes_nothing(wrong: str, settings: Settings) -> None:
    body, _before = response_of(make_renewed(), "A")
    if wrong == "no secret":
        settings.UPDATER_SECRET = ""
    if wrong == "no signature":
        status = Client().post(UPDATER_ADDRESS, body, content_type="text/plain").status_code
    else:
        at = now() - timedelta(minutes=6) if wrong == "old" else now()
        status, _told = post(UPDATER_ADDRESS, body, secret=OTHER_SECRET if wrong == "secret" else SECRET, at=at)

    assert status == (400 if wrong == "old" else 401)
    assert Alarm.objects.count() == 0


@pytest.mark.parametrize("damage", ["cut", "count", "letters", "a million dashes"])
def test_a_damaged_file_is_refused_whole_and_a_person_is_told_once(damage: str) -> None:
    card = make_renewed()
    body, _before = response_of(card, "AA")
    spoiled = {
        "cut": body[:-10],
        "count": body.replace("T000002", "T000003"),
        "letters": body.replace("A\n", "a\n"),
        "a million dashes": "-" * 1_000_000,
    }[damage]

    assert post(UPDATER_ADDRESS, spoiled)[0] == 400
    assert post(UPDATER_ADDRESS, spoiled)[0] == 400

    assert Alarm.objects.filter(code="file_unreadable").count() == 1
    assert set(card.customer.mandates.values_list("card", flat=True)) == {card.replaces_id}


def test_a_biller_confirms_its_own_payment_and_no_other() -> None:
    card = make_renewed()
    biller, other = make_biller("Example Energy", secret=SECRET), make_biller("Example Gym", secret=OTHER_SECRET)
    make_mandate(card, biller)
    case = open_update(card)
    settle(case)
    body = json.dumps({"line": str(lines_of(case)[0].public_id)})
    mine, theirs = f"/api/v1/webhooks/billers/{biller.public_id}", f"/api/v1/webhooks/billers/{other.public_id}"

    assert post(theirs, body, secret=OTHER_SECRET)[0] == 404
    assert post(mine, body, secret=OTHER_SECRET)[0] == 401
    assert post(f"/api/v1/webhooks/billers/{uuid.uuid4()}", body)[0] == 401
    assert states(case) == ["to_do"]
    assert post(mine, body) == (200, {"new": True})
    assert post(mine, body) == (200, {"new": False})
    assert (states(case), lines_of(case)[0].settled_by) == (["moved"], "biller")


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"line": 7}', "x" * 300])
def test_a_confirmation_without_a_line_is_refused_in_words(body: str) -> None:
    biller = make_biller("Example Energy", secret=SECRET)

    status, told = post(f"/api/v1/webhooks/billers/{biller.public_id}", body)

    assert (status, told["field"]) == (400, "line")


def test_a_biller_that_sends_no_confirmations_cannot_be_spoken_for() -> None:
    biller = make_biller("Example Energy")

    assert post(f"/api/v1/webhooks/billers/{biller.public_id}", "{}")[0] == 401
