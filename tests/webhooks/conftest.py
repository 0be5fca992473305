from __future__ import annotations

from collections.abc import Iterator

import pytest

from backoffice.webhooks.models import Endpoint
from tests.webhooks.receiving import Partner, make_endpoint, partner


@pytest.fixture
def biller() -> Iterator[Partner]:
    with partner() as found:
        yield found


@pytest.fixture
def endpoint(biller: Partner, db: None) -> Endpoint:
    return make_endpoint(biller.url)
