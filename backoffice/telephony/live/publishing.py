"""Publishes which calls are on, and which sessions ended lately: reads them with two queries, each second and at once
when one changed, and puts them into the shared cache as one snapshot. The only module here that reads the database.

Only what was committed is read. Triggers on the tables wake the publishers (migrations `call_wakes_publishers`,
`ended_sessions` and `ended_passwords`), so no rule that changes a call or ends a session has to think of it. Any number
of publishers may run: the clock of the database orders what they publish, so each is a spare of the others.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

import psycopg
import redis
import structlog
from django.db import DatabaseError, connection
from django.utils import translation
from redis.exceptions import RedisError

from backoffice.languages import offered
from backoffice.telephony.live import store
from backoffice.telephony.live.snapshots import Snapshot, key_of_case, key_of_customer, key_of_number
from backoffice.telephony.live.states import OnCall
from backoffice.telephony.live.teams import team_of
from backoffice.telephony.live.watching import GOOD_FOR
from backoffice.telephony.models import TALKING, Call, CallState
from backoffice.trust.models import Direction

WOKEN = "telephony_calls"
"""The channel of PostgreSQL on which a changed call wakes the publishers."""
EVERY = 1.0
"""Seconds between two snapshots, whether or not anything changed."""
BREATH = 0.05
"""Seconds after a snapshot before the next. What changed meanwhile is in it."""
TOLD_FOR = GOOD_FOR + 60
"""Seconds. So long a session that ended is named: no ticket of it is good for longer, nor is one that was handed out
while it ended."""
AWAY = 0.5
"""Seconds before the database is tried again."""
ON = (CallState.DIALLING, CallState.RINGING, *sorted(TALKING))

_NOW = """SELECT extract(epoch FROM clock_timestamp())::float8, ARRAY(
    SELECT mark FROM telephony_endedsession WHERE ended_at > clock_timestamp() - make_interval(secs => %s))"""

log = structlog.get_logger(__name__)


class Publisher:
    """One publisher. Its connection to the database is Django's own of this thread."""

    def __init__(self) -> None:
        self._store: redis.Redis = store.client()

    def run(self, stop: threading.Event) -> None:
        """Publishes until `stop`. While database or cache are away it tries again: what was published grows old, and
        then every page says that we cannot check."""
        listening = False
        while not stop.is_set():
            try:
                if not listening:
                    _listen()
                    listening = True
                self.publish()
                _wait()
            except (RedisError, OSError) as away:
                log.warning("the state of calls is not published", why=type(away).__name__)
                stop.wait(AWAY)
            except (DatabaseError, psycopg.Error) as away:
                log.warning("the state of calls cannot be read", why=type(away).__name__)
                listening = False
                connection.close()
                stop.wait(AWAY)
        connection.close()

    def publish(self) -> Snapshot:
        """Reads and publishes once. Raises `DatabaseError`, and `RedisError` or `OSError`."""
        snapshot = snapshot_of_now()
        sealed = snapshot.sealed()
        with self._store.pipeline(transaction=False) as both:
            both.set(store.KEY, sealed, ex=store.KEPT_FOR)
            both.publish(store.CHANNEL, sealed)
            both.execute()
        return snapshot


def snapshot_of_now() -> Snapshot:
    """What is committed now. Its time is that of the database, from before the calls were read; the sessions are from
    the same moment, as those that ended are named for long enough.

    Only calls that we make. Whoever calls us as the customer while talking to the customer on another telephone would
    else have the customer's own page vouch for them (trust, threats 4 and 5).
    """
    with connection.cursor() as cursor:
        cursor.execute(_NOW, [TOLD_FOR])
        at, ended = cursor.fetchone()
    calls = Call.objects.filter(ended_at=None, state__in=ON, direction=Direction.OUT)
    rows = calls.select_related("customer", "agent", "point", "contact").order_by("pk")
    return Snapshot.taken(at, (_entry(call) for call in rows), ended=ended)


def _entry(call: Call) -> tuple[Sequence[str], OnCall]:
    """The keys by which the call may be asked for, and what is told of it."""
    assert call.customer is not None
    talking = call.state in TALKING
    since = (call.answered_at if talking else call.dialled_at) or call.announced_at
    with translation.override(offered(call.customer.language)):
        team = team_of(call.matter)
    on = OnCall(
        talking=talking,
        agent=call.agent.first_name if call.agent else "",
        team=team,
        case=call.case_reference,
        number=call.contact.address_masked,
        since=since.timestamp(),
        heard=call.heard_at.timestamp(),
    )
    return list(_keys(call)), on


def _keys(call: Call) -> Iterator[str]:
    assert call.customer is not None
    yield key_of_customer(call.customer.public_id)
    if call.point is None:
        return
    number = str(call.point.value)
    yield key_of_number(number)
    if call.case_reference:
        yield key_of_case(call.case_reference, number[-3:])


def _listen() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'LISTEN "{WOKEN}"')


def _wait() -> None:
    """Until a call changed, at most for `EVERY`."""
    time.sleep(BREATH)
    raw = connection.connection
    for _change in raw.notifies(timeout=EVERY - BREATH, stop_after=1):
        pass
