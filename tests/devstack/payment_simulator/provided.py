"""What tests of the payment provider share, whether they look at the simulator or at our adapter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from backoffice.payments.provider.stripe_payments import StripePayments
from tests.devstack.payment_simulator.simulator import SECRET, Payments, new_key
from tests.devstack.receiving import Receiver
from tests.devstack.receiving import receiver as receiver


@pytest.fixture(scope="session")
def served_payments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Payments]:
    payments = Payments(tmp_path_factory.mktemp("payments"))
    yield payments
    payments.stop()


@pytest.fixture
def simulator(served_payments: Payments) -> Iterator[Payments]:
    """One for all tests, without faults at the start of each; it sends no webhooks."""
    served_payments.ask("DELETE", "/_sim/faults")
    yield served_payments
    served_payments.ask("DELETE", "/_sim/faults")


@pytest.fixture
def provider(simulator: Payments) -> StripePayments:
    return simulator.adapter()


@pytest.fixture
def own_simulator(tmp_path: Path, receiver: Receiver) -> Iterator[Payments]:
    """One of this test alone; it sends its webhooks to `receiver`."""
    payments = Payments(tmp_path, webhook_url=receiver.url)
    yield payments
    payments.stop()


@pytest.fixture
def key() -> str:
    return new_key()


@pytest.fixture(autouse=True)
def _webhook_secret(settings: Settings) -> None:
    settings.PAYMENTS_WEBHOOK_SECRET = SECRET
