"""Makes calls while pages are open: `python -m benchmarks.live_driver FOLDER WATCHERS CALLS`, told line by line on
standard input what to do; each answer is a line of JSON.

`tickets` migrates the empty database, makes customers and a ticket for each watcher, and answers with nothing more;
`quiet S` counts the transactions of S seconds in which nothing happens; `press` moves every call through its states
and gives the time of each commit; `poll S` asks the database for S seconds as pages would without any of it.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import django

SESSION = "benchmark"
PRESSES_A_SECOND = 20
POLLERS = 4


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    django.setup()
    folder, watchers, calls = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    customers: list[Any] = []
    for line in sys.stdin:
        what, *how = line.split()
        answer: Any = None
        if what == "tickets":
            customers = prepared(folder, watchers, calls)
        elif what == "quiet":
            answer = transactions_a_second(float(how[0]))
        elif what == "press":
            answer = pressed(customers)
        elif what == "poll":
            answer = polled(customers, float(how[0]))
        print(json.dumps(answer), flush=True)


def prepared(folder: Path, watchers: int, calls: int) -> list[Any]:
    """The first watchers are those who will be called."""
    from django.core.management import call_command
    from django.http import HttpResponse

    from backoffice.customers.models import Customer
    from backoffice.telephony.live import watching

    call_command("migrate", verbosity=0)
    customers = [_customer(number) for number in range(calls)]
    lines = []
    for watcher in [*customers, *(Customer(public_id=uuid.uuid4()) for _other in range(watchers - calls))]:
        response = HttpResponse()
        watching.hand_out(response, customer=watcher, session=SESSION, password=str(watcher.public_id))
        lines.append(f"live={response.cookies['live'].value}; sessionid={SESSION}")
    (folder / "cookies").write_text("\n".join(lines))
    return customers


def _customer(number: int) -> Any:
    from datetime import UTC, datetime

    from backoffice.actors import system
    from backoffice.customers.models import ContactKind
    from backoffice.customers.registering import Particulars, register

    now = datetime.now(UTC)
    person = Particulars(
        given_name="Maria",
        family_name=f"Jansen{number}",
        contacts={ContactKind.PHONE: f"+1202555{number:04d}" if number > 99 else f"+12025550{100 + number}"},
        verified_how="branch",
        reached_since=now,
    )
    return register(particulars=person, by=system(), now=now)


def transactions_a_second(seconds: float) -> float:
    """Of everybody but this connection, as PostgreSQL counts them."""
    before = _transactions()
    time.sleep(seconds)
    return round((_transactions() - before - 2) / seconds, 2)


def _transactions() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def pressed(customers: list[Any]) -> list[tuple[int, float, str]]:
    """Watcher, time of the commit, and the state that the page must show."""
    from datetime import UTC, datetime

    from backoffice.telephony.models import Call, CallState
    from backoffice.trust.models import Contact, ContactChannel

    shows = [(CallState.DIALLING, "calling"), (CallState.ANSWERED, "talking"), (CallState.ENDED, "nobody")]
    calls, commits = {}, []
    for number, customer in enumerate(customers):
        now = datetime.now(UTC)
        point = customer.contact_points.get()
        contact = Contact.objects.create(
            customer=customer, channel=ContactChannel.CALL, purpose="call_back", address_masked=point.masked, at=now
        )
        calls[number] = Call.objects.create(
            contact=contact, customer=customer, point=point, purpose="call_back", matter=uuid.uuid4().hex,
            case_reference="K7Q-4MX-4", key=uuid.uuid4().hex, announced_at=now, sheet_opened_at=now,
        )  # fmt: skip
    for (state, says), number in itertools.product(shows, range(len(customers))):
        call, now = calls[number], datetime.now(UTC)
        call.state, call.seen_at, call.times[state.value] = state, now, now.isoformat()
        if state == CallState.DIALLING:
            call.dialled_at = now
        if state == CallState.ANSWERED:
            call.answered_at = now
        if state == CallState.ENDED:
            call.ended_at, call.outcome = now, "spoken"
        for other in calls.values():  # Its console says every five seconds that a call goes on.
            if not other.ended_at and other.seen_at and (now - other.seen_at).total_seconds() > 5:
                Call.objects.filter(pk=other.pk).update(seen_at=now)
                other.seen_at = now
        call.save()
        commits.append((number, time.time(), says))
        time.sleep(random.uniform(0.5, 1.5) / PRESSES_A_SECOND)
    return commits


def polled(customers: list[Any], seconds: float) -> float:
    """The baseline: how many times a second this database answers the cheapest query of a page that asks by itself."""
    from django.db import connection

    counts, until = [0] * POLLERS, time.monotonic() + seconds

    def ask(number: int) -> None:
        chance = random.Random(number)
        with connection.cursor() as cursor:
            while time.monotonic() < until:
                for _one in range(20):
                    cursor.execute(
                        "SELECT state, answered_at FROM telephony_call WHERE customer_id = %s AND ended_at IS NULL",
                        [chance.choice(customers).pk],
                    )
                    cursor.fetchall()
                counts[number] += 20
        connection.close()

    threads = [threading.Thread(target=ask, args=[number]) for number in range(POLLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return round(sum(counts) / seconds)


if __name__ == "__main__":
    main()
