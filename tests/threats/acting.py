"""What people do in these tests, and what an attacker with access to Temporal tries; runs beside a stack (`inside`)."""

from __future__ import annotations

import re
import time
import uuid
from typing import Any

import requests
import temporalio.converter
from django.conf import settings
from django.db import connection
from stdnum.pl import pesel
from temporalio.client import Client
from temporalio.common import RawValue

from backoffice.cases import answering
from backoffice.cases.models import Case, ItemState, WorkItem
from backoffice.customers import national_ids
from backoffice.engine import client as engine
from backoffice.refusals import Refused
from backoffice.staff.models import Role
from backoffice.trust import checking, recognising
from tests import factories
from tests.faults import driving
from tests.faults.driving import customer_of, look, opened, play, wait_for

__all__ = ["look", "opened", "play", "wait_for"]
CODE = re.compile(r"Your code: ([0-9A-Z]{4}-[0-9A-Z]{4})")


def risky_case(**particulars: Any) -> str:
    """A case of somebody whose telephone number is three days old."""
    return opened(phone_days=3, **particulars)


def add_pesel(*, case_id: str) -> str:
    """A Polish number for the customer of the case, valid in its check digit; gives it."""
    body = "032315" + str(time.time_ns())[-10:-6]
    number = body + pesel.calc_check_digit(body)
    customer = Case.objects.get(id=case_id).customer
    national_ids.add(customer=customer, kind="PESEL", number=number, field="PESEL")
    return str(number)


def answer(*, case_id: str, kind: str, data: dict[str, Any]) -> str:
    """The answer of the customer, or of a colleague with the item's role. Gives the refusal's code, or ""."""
    wait_for(case_id=case_id, kind=kind)
    item = WorkItem.objects.select_related("case__customer").get(case_id=case_id, kind=kind, state=ItemState.OPEN)
    by = factories.actor(factories.make_staff(role=Role(item.role))) if item.role else customer_of(item.case)
    try:
        answering.answer(item_id=item.id, by=by, data=data)
    except Refused as refused:
        return refused.code
    return ""


def save_draft(*, case_id: str, kind: str, data: dict[str, Any]) -> None:
    item = WorkItem.objects.select_related("case__customer").get(case_id=case_id, kind=kind, state=ItemState.OPEN)
    answering.save_draft(item_id=item.id, by=customer_of(item.case), data=data)


def visit_of(*, case_id: str, seconds: float = 90) -> str:
    """The id of the visit's case under this one, as soon as it asks the customer."""
    below = WorkItem.objects.filter(case__parent_id=uuid.UUID(case_id), kind="choose_visit")
    driving.until(below.exists, "no visit", case_id, seconds)
    return str(below.get().case_id)


def to_approval(*, case_id: str) -> None:
    """The customer confirms who they are, fills in the survey, takes a letter instead of a visit, and enters its
    code."""
    answer(case_id=case_id, kind="prove_identity", data={})
    answer(case_id=case_id, kind="email_survey", data=driving.SURVEY)
    answer(case_id=visit_of(case_id=case_id), kind="choose_visit", data={"how": "post"})
    answer(case_id=case_id, kind="enter_posted_code", data={"code": posted_code(case_id=case_id)})
    wait_for(case_id=case_id, kind="approve_reissue")


def posted_code(*, case_id: str, seconds: float = 90) -> str:
    """The code in the letter, as it arrived."""
    wait_for(case_id=case_id, kind="enter_posted_code")
    reference = Case.objects.get(id=case_id).reference
    found: list[str] = []

    def there() -> bool:
        asked: dict[str, str | int] = {"q": reference, "limit": 1000}
        told = requests.get(f"{settings.INBOX_URL}/api/messages", params=asked, timeout=10).json()["messages"]
        found[:] = [code for message in told for code in CODE.findall(message["text"])]
        return bool(found)

    driving.until(there, "no letter", case_id, seconds)
    return found[0]


def pasted(*, text: str) -> None:
    """Somebody pastes a message at the desk, and types it into the public page."""
    recognising.recognise(pasted=text, by=factories.actor(factories.make_staff()))
    checking.check(typed=text, last_three="", address="127.0.0.1")


def signed_in(*, case_id: str, username: str, password: str, secret: str, wrong: str) -> tuple[str, str]:
    """The customer signs in over HTTP, once with the wrong password; then types the six digits of their authenticator.
    Returns the page that they ended on, and the six digits."""
    from allauth.mfa.totp.internal.auth import TOTP

    user = factories.make_user(username=username)
    user.set_password(password)
    user.save()
    customer = Case.objects.get(id=case_id).customer
    customer.user = user
    customer.save(update_fields=["user"])
    TOTP.activate(user, secret)
    digits = factories.totp_code(secret)
    with requests.Session() as browser:
        login = f"{settings.PUBLIC_URL}/account/login/"
        for attempt in (wrong, password):
            _post(browser, login, login=username, password=attempt)
        ended = _post(browser, f"{settings.PUBLIC_URL}/account/2fa/authenticate/", code=digits)
    return ended.url, digits


def _post(browser: requests.Session, url: str, **fields: str) -> requests.Response:
    browser.get(url, timeout=30).raise_for_status()
    token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    return browser.post(url, data={**fields, **token}, headers={"Referer": url}, timeout=30)


# --- what is kept where -----------------------------------------------------------------------------------------------


def rows_with(*, secrets: dict[str, str]) -> dict[str, list[str]]:
    """For each secret the columns of the whole database, as text, in which it stands in clear."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "ORDER BY table_name, column_name"
        )
        columns = cursor.fetchall()
        found: dict[str, list[str]] = {name: [] for name in secrets}
        for table, column in columns:
            cursor.execute(f'SELECT "{column}"::text FROM "{table}" WHERE "{column}" IS NOT NULL')
            text = "\n".join(row[0] for row in cursor.fetchall()).casefold()
            for name, secret in secrets.items():
                if secret.casefold() in text:
                    found[name].append(f"{table}.{column}")
    return found


def histories() -> bytes:
    """All histories that Temporal has, as it stores them, event by event."""

    async def read() -> bytes:
        temporal = await engine.client()
        stored = []
        async for run in temporal.list_workflows():
            handle = temporal.get_workflow_handle(run.id, run_id=run.run_id)
            stored += [event.SerializeToString() async for event in handle.fetch_history_events()]
        return b"\n".join(stored)

    return engine.run(read(), timeout=120)


# --- somebody who reaches Temporal without our key --------------------------------------------------------------------


async def _stranger() -> Client:
    return await Client.connect(settings.TEMPORAL_ADDRESS, data_converter=temporalio.converter.default())


def forge(*, case_id: str, signal: str, content: dict[str, Any]) -> None:
    """A signal in plain JSON; returns when the process has taken it in."""

    async def send() -> None:
        handle = (await _stranger()).get_workflow_handle(case_id)
        await handle.signal(signal, content)

    engine.run(send())
    _is_taken_in(case_id)


def copy(*, from_case: str, to_case: str, signal: str) -> int:
    """Sends every sealed signal of one case to another, as it is; gives how many."""

    async def send() -> int:
        stranger = await _stranger()
        sealed = [
            event.workflow_execution_signaled_event_attributes.input.payloads[0]
            async for event in stranger.get_workflow_handle(from_case).fetch_history_events()
            if event.HasField("workflow_execution_signaled_event_attributes")
        ]
        handle = stranger.get_workflow_handle(to_case)
        for payload in sealed:
            await handle.signal(signal, RawValue(payload))
        return len(sealed)

    sent = engine.run(send())
    _is_taken_in(to_case)
    return sent


def _is_taken_in(case_id: str) -> None:
    """Until the process has been played after the last signal."""

    async def last_two() -> tuple[int, int]:
        signalled = completed = 0
        handle = (await engine.client()).get_workflow_handle(case_id)
        async for event in handle.fetch_history_events():
            if event.HasField("workflow_execution_signaled_event_attributes"):
                signalled = event.event_id
            if event.HasField("workflow_task_completed_event_attributes"):
                completed = event.event_id
        return signalled, completed

    def taken() -> bool:
        signalled, completed = engine.run(last_two())
        return completed > signalled

    driving.until(taken, "signal not taken in", case_id, 60)


def forged_start(*, case_id: str) -> str:
    """Starts a process with a plain opening; gives how it failed."""

    async def start() -> str:
        stranger = await _stranger()
        handle = await stranger.start_workflow(
            "card_reissue", {"case": case_id, "facts": {}}, id=case_id, task_queue=settings.TEMPORAL_TASK_QUEUE
        )
        try:
            await handle.result()
        except Exception as failed:
            cause = failed.__cause__
            return getattr(cause, "type", "") or type(cause).__name__
        return "ended well"

    return engine.run(start(), timeout=60)
