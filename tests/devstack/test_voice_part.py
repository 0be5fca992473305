"""The voice gateway as a part of the stack, before it is started; `test_up.py` runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backoffice import embedded
from backoffice.voice.gateway.options import from_environment
from backoffice.voice.gateway.proving import Signer
from devstack import plan, voice
from devstack.postgres import Unavailable
from devstack.supervisor import Part
from tests.devstack.running import outside_environment

PHONES = {"customer": ["+12025550113", "+12025550142"], "agent": ["agent"]}
OTHERS = [name for name in plan.PARTS if name not in ("payments", "voice", "web")]


def planned(folder: Path, *, also: tuple[str, ...] = ("voice",), without: tuple[str, ...] = ()) -> plan.Plan:
    environment = outside_environment() | {"DATABASE_URL": "postgres://db.example/x", "VOICE_LANGUAGES": "nl"}
    return plan.make(
        folder, environment=environment, demo=False, without=[*OTHERS, *without], also=also, telephones=PHONES
    )


def gateway_of(made: plan.Plan) -> Part:
    return next(part for part in made.parts if part.name == "voice")


def test_the_gateway_is_run_only_where_it_is_asked_for(tmp_path: Path) -> None:
    planned(tmp_path)
    assert "VOICE_CONTROL_URL" in embedded.addresses(tmp_path)

    made = planned(tmp_path, also=())

    assert [part.name for part in made.parts] == ["payments", "web"]
    assert "VOICE_CONTROL_URL" not in embedded.addresses(tmp_path)


def test_the_gateway_can_be_set_up_so_and_is_told_nothing_of_the_back_office(tmp_path: Path) -> None:
    made = planned(tmp_path)
    told = gateway_of(made).environment
    options = from_environment(told)

    assert options.events_url == f"{made.addresses['PUBLIC_URL']}/api/v1/webhooks/voice"
    assert options.payments_url == made.addresses["PAYMENTS_URL"]
    assert options.control_secret == embedded.keys(tmp_path)["VOICE_CONTROL_SECRET"]
    assert options.languages == ("nl",)
    assert {name for name in told if not name.startswith("VOICE_")} == {"PATH", "PYTHONUNBUFFERED"}


def test_the_dial_plan_knows_the_telephones_before_they_are_there(tmp_path: Path) -> None:
    made = planned(tmp_path)
    lines = {name: voice.line(name, made.addresses) for name in PHONES}

    assert json.loads(gateway_of(made).environment["VOICE_DIAL_PLAN"]) == {
        "+12025550113": lines["customer"].uri,
        "+12025550142": lines["customer"].uri,
        "agent": lines["agent"].uri,
    }
    assert {name: voice.line(name, planned(tmp_path).addresses) for name in PHONES} == lines


def test_the_key_is_made_once_and_its_public_half_can_be_read(tmp_path: Path) -> None:
    keys = [Path(gateway_of(planned(tmp_path)).environment["VOICE_SIGNING_KEY_PATH"]) for _start in range(2)]
    first, second = (Signer.from_file(key) for key in keys)
    public = Path(embedded.addresses(tmp_path)["VOICE_PUBLIC_KEY_PATH"]).read_text()

    assert first.public_pem == second.public_pem == public
    assert keys[0].stat().st_mode & 0o777 == 0o600


def test_without_a_payment_provider_there_is_no_gateway(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="PAYMENTS_URL"):
        planned(tmp_path, without=("payments",))
