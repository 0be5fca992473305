"""Threat 16: secrets that went through the processes are in no dump, history, log or broker in clear.

On the real stack, canaries are typed into every field; then everything that is stored is searched for them.
"""

from __future__ import annotations

import re

import pytest

from devstack.stack import Stack
from tests.factories import make_address, valid_bsn
from tests.faults.inside import Inside
from tests.threats.searching import files, found_in

pytestmark = pytest.mark.stack
PAN = "4000 0566 5566 5556"
SECRETS = {
    "PAN": "4000056655665556",
    "PAN in groups": PAN,
    "given name": "Kanarilda",
    "family name": "Zwartkanarie",
    "mail": "kanarilda.z@canary.example",
    "phone": "+31612345987",
    "phone as dialled": "0612345987",
    "street": "Kanariestraat 77",
    "birth date": "1979-03-14",
    "BSN": valid_bsn(918_273),
    "free text": "sparrow-in-the-survey",
    "half-filled text": "finch-in-the-draft",
    "merchant": "Canary Wharf Jewels",
    "password": "canary-sings-at-dawn",
    "mistyped password": "canary-sings-at-dusk",
    "authenticator": "KANARYKANARYKANARYKANARYKANARYKA",
}
NAMES = {
    "given name": ["customers_customer.given_name", "customers_nameentry.text"],
    "family name": ["customers_customer.family_name", "customers_nameentry.text"],
}
"""Names are in clear for the search by staff, but only in their own columns."""


@pytest.fixture(scope="module")
def secrets(stack: Stack, inside: Inside) -> dict[str, str]:
    """The canaries, after each was typed where it belongs and where it does not, with what the product made itself."""
    case_id = inside.risky_case(
        given_name=SECRETS["given name"],
        family_name=SECRETS["family name"],
        birth_date=SECRETS["birth date"],
        contacts={
            "mail": SECRETS["mail"],
            "phone": SECRETS["phone"],
            "postal": make_address(SECRETS["street"], town="Utrecht"),
        },
        national_ids={"BSN": SECRETS["BSN"]},
        payments=[{"amount": "12.00", "currency": "EUR", "merchant": SECRETS["merchant"], "at": "2026-11-22"}],
    )
    known = {**SECRETS, "PESEL": inside.add_pesel(case_id=case_id)}
    ended, known["six digits"] = inside.signed_in(
        case_id=case_id,
        username="canary",
        password=SECRETS["password"],
        secret=SECRETS["authenticator"],
        wrong=SECRETS["mistyped password"],
    )
    assert ended.endswith("/portal/"), ended
    assert inside.answer(case_id=case_id, kind="prove_identity", data={}) == ""
    survey = {"card_where": "lost", "contacted": "call", "asked_for_secrets": "refused", "address_right": "yes"}
    survey |= {"payment_1": "no"}
    draft = {**survey, "told_us": f"{SECRETS['half-filled text']} {PAN} {known['PAN']}"}
    inside.wait_for(case_id=case_id, kind="email_survey")
    inside.save_draft(case_id=case_id, kind="email_survey", data=draft)
    refused = inside.answer(case_id=case_id, kind="email_survey", data={**survey, "told_us": f"it is {PAN}"})
    assert refused == "invalid"
    told = f"{SECRETS['free text']}; I live at {SECRETS['street']} and my number is {SECRETS['BSN']}"
    assert inside.answer(case_id=case_id, kind="email_survey", data={**survey, "told_us": told}) == ""
    visit = inside.visit_of(case_id=case_id)
    assert inside.answer(case_id=visit, kind="choose_visit", data={"how": "post"}) == ""
    known["posted code"] = inside.posted_code(case_id=case_id)
    known["posted code, bare"] = known["posted code"].replace("-", "")
    assert inside.answer(case_id=case_id, kind="enter_posted_code", data={"code": "WRNG-CDE9"}) == "code_refused"
    for text in (f"{SECRETS['mail']} wrote: {PAN}", SECRETS["phone"], known["posted code"]):
        inside.pasted(text=text)
    assert inside.answer(case_id=case_id, kind="enter_posted_code", data={"code": known["posted code"]}) == ""
    decision = {"outcome": "approved", "reason": f"card {PAN} was right"}
    assert inside.answer(case_id=case_id, kind="approve_reissue", data=decision) == "invalid"
    assert inside.answer(case_id=case_id, kind="approve_reissue", data={**decision, "reason": "all is right"}) == ""
    inside.play(case_id=case_id)
    found = inside.look(case_id=case_id)
    assert (found["state"], found["outcome"]) == ("closed", "done"), found
    known["case id"], known["reference"] = case_id, found["reference"]
    return known


CONTROLS = ("case id", "reference", "six digits")


def canaries(secrets: dict[str, str]) -> dict[str, str]:
    return {name: secret for name, secret in secrets.items() if name not in CONTROLS}


def test_the_rows_hold_names_in_their_own_columns_and_nothing_else_in_clear(
    inside: Inside, secrets: dict[str, str]
) -> None:
    found = inside.rows_with(secrets={**canaries(secrets), "reference": secrets["reference"]})

    assert "cases_case.reference" in found.pop("reference")
    assert {name: columns for name, columns in found.items() if columns} == NAMES


def test_no_history_tells_a_secret(stack: Stack, inside: Inside, secrets: dict[str, str]) -> None:
    stored = inside.histories()
    kept = files(stack.data_dir / "temporal")

    assert found_in(stored, secrets) == {"case id"}
    assert found_in(kept, {**canaries(secrets), "case id": secrets["case id"]}) == {"case id"}


def test_no_log_tells_a_secret(stack: Stack, secrets: dict[str, str]) -> None:
    logs = files(stack.data_dir / "logs")

    assert b"worker ready" in logs
    assert found_in(logs, canaries(secrets)) == set()
    assert not re.search(rb"(?<![\d.])" + secrets["six digits"].encode() + rb"(?!\d)", logs)


def test_the_broker_keeps_no_secret(stack: Stack, secrets: dict[str, str]) -> None:
    kept = files(stack.data_dir / "valkey")

    assert b"messages.send_due" in kept
    assert found_in(kept, canaries(secrets)) == set()
