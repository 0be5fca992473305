"""A worker that is killed between its request and its record: the call goes on, and nobody dials again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from backoffice.telephony.models import Call, CallState
from backoffice.telephony.placing import see_to
from tests.factories import make_customer
from tests.telephony.calling import go, prepared
from tests.telephony.provider import ACCOUNT, OURS, TOKEN, Phones
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
WORKER = """
import sys, uuid, django
django.setup()
from django.utils import timezone
from backoffice.telephony import placing
placing.see_to(call_id=uuid.UUID(sys.argv[1]), now=timezone.now())
"""


@pytest.fixture
def worker(phones: Phones) -> Iterator[list[subprocess.Popen[bytes]]]:
    running: list[subprocess.Popen[bytes]] = []
    yield running
    for process in running:
        process.kill()
        process.wait(10)


def start(call: Call, phones: Phones) -> subprocess.Popen[bytes]:
    """A worker process of its own, with the tests' database."""
    server = urlsplit(os.environ["DATABASE_URL"])
    environment = {
        **os.environ,
        "DATABASE_URL": server._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
        "DJANGO_SETTINGS_MODULE": "backoffice.settings",
        "TELEPHONY_URL": phones.url,
        "TELEPHONY_ACCOUNT": ACCOUNT,
        "TELEPHONY_TOKEN": TOKEN,
        "TELEPHONY_NUMBER": OURS,
    }
    return subprocess.Popen([sys.executable, "-c", WORKER, str(call.pk)], env=environment)


def test_a_call_of_a_killed_worker_is_found_and_no_call_is_dialled_twice(
    phones: Phones, worker: list[subprocess.Popen[bytes]]
) -> None:
    at = timezone.now().replace(hour=12)
    call = go(prepared(make_customer(time_zone="UTC"), now=at), [CallState.DIALLING], now=at)
    Call.objects.update(dialled_at=timezone.now())
    assert call.point is not None
    number = call.point.value
    phones.faults(lost_answer={"seconds": 60})

    worker.append(start(call, phones))
    assert until(lambda: bool(phones.calls(number)))
    worker[0].kill()
    worker[0].wait(10)
    left = Call.objects.get()
    assert left.requested_at is not None
    assert left.provider_id is None

    for seconds in (1, 2, 3):
        see_to(call_id=call.pk, now=timezone.now() + timedelta(seconds=seconds))

    assert [one["sid"] for one in phones.calls(number)] == [Call.objects.get().provider_id]
    phones.do(number, "answer")
    see_to(call_id=call.pk, now=timezone.now())
    assert Call.objects.get().state == CallState.ANSWERED
