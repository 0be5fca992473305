from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from backoffice.cards.adapters.stripe_issuing import StripeIssuer
from tests.devstack.issuer.simulator import SECRET, Simulator
from tests.devstack.receiving import Receiver
from tests.devstack.receiving import receiver as receiver


@pytest.fixture(scope="package")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    simulator = Simulator(tmp_path_factory.mktemp("issuer"))
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def simulator(_shared: Simulator) -> Iterator[Simulator]:
    """One process for all tests, without faults at the start of each; it sends no webhooks."""
    _shared.call("DELETE", "/_sim/faults")
    yield _shared
    _shared.call("DELETE", "/_sim/faults")


@pytest.fixture
def issuer(simulator: Simulator) -> StripeIssuer:
    return simulator.adapter()


@pytest.fixture
def own_simulator(tmp_path: Path, receiver: Receiver) -> Iterator[Simulator]:
    """A process of this test alone, which it may kill; it sends its webhooks to `receiver`."""
    simulator = Simulator(tmp_path / "issuer", webhook_url=receiver.url)
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def case_id() -> str:
    return str(uuid.uuid4())


@pytest.fixture(autouse=True)
def _webhook_secret(settings: Settings) -> None:
    settings.ISSUER_WEBHOOK_SECRET = SECRET
