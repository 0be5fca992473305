from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.devstack.receiving import Receiver
from tests.telephony.provider import ACCOUNT, OURS, TOKEN, Phones
from tests.telephony.voice_office import office as office
from tests.telephony.voice_office import voice_office as voice_office


@pytest.fixture(autouse=True)
def _by_hand(settings: Settings) -> None:
    """Without a provider, unless a test asks for one."""
    settings.TELEPHONY_URL = ""


@pytest.fixture(scope="package")
def _served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phones]:
    phones = Phones(tmp_path_factory.mktemp("telephony"))
    yield phones
    phones.stop()


@pytest.fixture
def phones(_served: Phones, settings: Settings, _by_hand: None) -> Iterator[Phones]:
    """The simulator, without faults, and the settings by which calls are made there. Nobody receives its webhooks."""
    settings.TELEPHONY_URL, settings.TELEPHONY_ACCOUNT = _served.url, ACCOUNT
    settings.TELEPHONY_TOKEN, settings.TELEPHONY_NUMBER = TOKEN, OURS
    settings.PUBLIC_URL = "http://127.0.0.1:9"
    _served.ask("DELETE", "/_sim/faults")
    yield _served
    _served.ask("DELETE", "/_sim/faults")


@pytest.fixture
def receiver(phones: Phones, settings: Settings) -> Iterator[Receiver]:
    """Who gets the webhooks in our place."""
    receiver = Receiver("x-twilio-signature")
    settings.PUBLIC_URL = receiver.url
    yield receiver
    receiver.close()
