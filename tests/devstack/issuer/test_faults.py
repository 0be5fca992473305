from __future__ import annotations

import logging
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from backoffice.cards.adapters.stripe_issuing import StripeIssuer
from backoffice.cards.ports import IssuerRefusal, IssuerStatus, IssuerUnavailable
from tests.devstack.issuer.simulator import KEY, Simulator, request_for

WRONG_KEY = "sk_test_" + "wrong"


def _reason_of(issuer: StripeIssuer, token: str, key: str) -> str:
    with pytest.raises(IssuerUnavailable) as trouble:
        issuer.block(token, key)
    assert trouble.value.__cause__ is None
    return trouble.value.reason


def test_a_slow_issuer_is_unavailable_and_the_same_key_works_later(simulator: Simulator, case_id: str) -> None:
    token = simulator.seed()
    simulator.faults(slow={"seconds": 1.5})

    assert _reason_of(simulator.adapter(read=0.3), token, case_id) == "no_answer_in_time"
    assert simulator.adapter().block(token, f"{case_id}-2").status is IssuerStatus.INACTIVE


@pytest.mark.parametrize(
    ("status", "reason"),
    [(500, "http_500"), (503, "http_503"), (409, "http_409"), (429, "busy"), (403, "key_not_accepted")],
)
def test_a_failing_issuer_is_unavailable_and_has_done_nothing(
    simulator: Simulator, issuer: StripeIssuer, case_id: str, status: int, reason: str
) -> None:
    token = simulator.seed()
    simulator.faults(fail={"status": status})

    assert _reason_of(issuer, token, case_id) == reason
    assert issuer.look(token).status is IssuerStatus.ACTIVE
    assert issuer.block(token, case_id).status is IssuerStatus.INACTIVE


def test_one_failure_is_repeated_by_the_library_itself(simulator: Simulator, case_id: str) -> None:
    simulator.faults(fail={"status": 503})

    assert simulator.adapter(retries=1).block(simulator.seed(), case_id).status is IssuerStatus.INACTIVE


def test_a_refusal_is_final_for_its_key(simulator: Simulator, issuer: StripeIssuer, case_id: str) -> None:
    request = request_for(simulator.seed(), case_id=case_id)
    simulator.faults(refuse={"code": "no_more_plastic", "on": "create"})

    for _ in range(2):
        with pytest.raises(IssuerRefusal) as refusal:
            issuer.order(request, case_id)
        assert refusal.value.code == "no_more_plastic"
    assert simulator.cards_of(case_id) == []


def test_an_issuer_that_breaks_off_after_it_acted_is_unavailable(simulator: Simulator, case_id: str) -> None:
    issuer, token = simulator.adapter(), simulator.seed()
    simulator.faults(act_then_time_out={"seconds": 0.1})

    assert _reason_of(issuer, token, case_id) == "connection"
    assert issuer.look(token).status is IssuerStatus.INACTIVE


def test_an_issuer_that_is_down_is_unavailable_until_it_is_back(own_simulator: Simulator, case_id: str) -> None:
    issuer, token = own_simulator.adapter(), own_simulator.seed()
    assert issuer.look(token).status is IssuerStatus.ACTIVE

    own_simulator.kill()
    down = _reason_of(issuer, token, case_id)
    own_simulator.start()

    assert down == "connection"
    assert issuer.block(token, case_id).status is IssuerStatus.INACTIVE


def test_a_key_that_is_not_accepted_is_trouble_of_ours_and_is_not_told(
    simulator: Simulator, case_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    with pytest.raises(IssuerUnavailable) as trouble:
        simulator.adapter(key=WRONG_KEY).block(simulator.seed(), case_id)

    told = "".join(traceback.format_exception(trouble.value)) + caplog.text
    assert trouble.value.reason == "key_not_accepted"
    assert "does not accept our key" in caplog.text
    assert WRONG_KEY not in told


def test_nothing_personal_is_logged_of_an_order(
    simulator: Simulator, issuer: StripeIssuer, case_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    issuer.order(request_for(simulator.seed(), case_id=case_id), case_id)

    assert "Wilhelmina" not in caplog.text + (simulator.data / "log").read_text()
    assert not [record for record in caplog.records if record.name == "stripe"]


def test_a_fault_outlives_a_kill_and_ends_when_it_is_switched_off(own_simulator: Simulator, case_id: str) -> None:
    issuer, token = own_simulator.adapter(), own_simulator.seed()
    own_simulator.faults(fail={"times": 3})
    _reason_of(issuer, token, case_id)

    own_simulator.kill()
    own_simulator.start()

    _reason_of(issuer, token, case_id)
    own_simulator.call("DELETE", "/_sim/faults")
    assert issuer.block(token, case_id).status is IssuerStatus.INACTIVE


def test_a_fault_strikes_what_it_is_aimed_at(simulator: Simulator, issuer: StripeIssuer, case_id: str) -> None:
    token = simulator.seed()
    simulator.faults(fail={"on": "look"})

    assert issuer.block(token, case_id).status is IssuerStatus.INACTIVE
    with pytest.raises(IssuerUnavailable):
        issuer.look(token)


@pytest.mark.parametrize(
    "wrong",
    [
        {"explode": {}},
        {"slow": {"seconds": "long"}},
        {"slow": {"seconds": -1}},
        {"slow": {"minutes": 1}},
        {"fail": {"times": True}},
        {"drop": 3},
        [],
    ],
)
def test_a_fault_that_there_is_not_is_said_so(simulator: Simulator, wrong: object) -> None:
    assert simulator.call("POST", "/_sim/faults", wrong).status == 400
    assert simulator.call("GET", "/_sim/faults").json() == {}


def test_the_simulator_does_not_start_without_its_secrets(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "devstack.issuer", "--port", "1", "--data", str(tmp_path)],
        env={"ISSUER_KEY": KEY},
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert told.returncode != 0
    assert "ISSUER_WEBHOOK_SECRET" in told.stderr
