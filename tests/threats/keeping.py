"""What a running stack keeps: its tables, caches, queues and histories, in clear as far as we can read them, with what
the tests plant there to know that they would find it; runs beside the stack (`inside`)."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import redis
from django.conf import settings
from django.db import connection
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload

from backoffice.engine import client as engine
from backoffice.engine.codec import data_converter
from tests.threats.searching import Canaries

TABLE, KEY, WORKFLOW = "planted", "planted", "planted"
_planted: list[str] = []


def plant(*, canaries: Canaries) -> int:
    """Puts a number where the tests must find it: a column as text, one as bytes, a value of the broker, the input of a
    workflow, sealed as ours are, and the memory of this process, whose id it gives."""
    number = canaries.number(0)
    _planted.append(f"{number} planted")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {TABLE} (as_text text, as_bytes bytea)")
        cursor.execute(f"INSERT INTO {TABLE} VALUES (%s, %s)", [f'{{"n": "{number}"}}', number.encode()])
    with redis.Redis.from_url(settings.LIVE_STORE) as broker:
        broker.rpush(KEY, number)

    async def start() -> None:
        temporal = await engine.client()
        await temporal.start_workflow(WORKFLOW, {"n": number}, id=f"{WORKFLOW}-{uuid.uuid4()}", task_queue=WORKFLOW)

    engine.run(start())
    return os.getpid()


def uproot() -> None:
    """Takes away what other tests on the same stack would trip over."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {TABLE}")

    async def end() -> None:
        temporal = await engine.client()
        async for run in temporal.list_workflows(f"WorkflowType = '{WORKFLOW}'"):
            await temporal.get_workflow_handle(run.id).terminate()

    engine.run(end())


def in_rows(*, canaries: list[Canaries]) -> list[list[str]]:
    """For each kind of canary the columns of the whole database in which it stands, with what stands around it."""
    found: list[list[str]] = [[] for _each in canaries]
    for name, content in _columns():
        for place, kind in zip(found, canaries, strict=True):
            place += [f"{name}: {hit}" for hit in kind.in_text(content)]
    return found


def in_caches(*, canaries: list[Canaries]) -> list[list[str]]:
    """The same for the keys and values of all databases of the broker, which is the cache, too."""
    with redis.Redis.from_url(settings.LIVE_STORE) as broker:
        content = b"\n".join(_values(broker))
    return [kind.in_text(content) for kind in canaries]


def in_histories(*, canaries: list[Canaries]) -> list[list[str]]:
    """The same for all histories of Temporal, with every payload opened by our own codec."""
    content = engine.run(_opened(), timeout=120)
    return [kind.in_text(content) for kind in canaries]


def _columns() -> Iterator[tuple[str, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "ORDER BY table_name, column_name"
        )
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT "{column}"::text FROM "{table}" WHERE "{column}" IS NOT NULL')
            yield f"{table}.{column}", "\n".join(row[0] for row in cursor.fetchall()).encode()


def _values(broker: Any) -> Iterator[bytes]:
    readers: Mapping[bytes, Callable[[bytes], Iterable[bytes | None]]] = {
        b"string": lambda key: [broker.get(key)],
        b"list": lambda key: broker.lrange(key, 0, -1),
        b"set": lambda key: broker.smembers(key),
        b"zset": lambda key: broker.zrange(key, 0, -1),
        b"hash": lambda key: [part for pair in broker.hgetall(key).items() for part in pair],
        b"stream": lambda key: [part for _id, entry in broker.xrange(key) for pair in entry.items() for part in pair],
    }
    for database in broker.info("keyspace"):
        broker.select(int(database.removeprefix("db")))
        for key in broker.scan_iter(count=1000):
            yield key
            yield from (value for value in readers[broker.type(key)](key) if value is not None)


async def _opened() -> bytes:
    temporal, codec = await engine.client(), data_converter().payload_codec
    assert codec is not None
    parts: list[bytes] = []
    async for run in temporal.list_workflows():
        handle = temporal.get_workflow_handle(run.id, run_id=run.run_id)
        async for event in handle.fetch_history_events():
            parts.append(event.SerializeToString())
            sealed = [one for one in _payloads(event) if one.metadata]
            for payload in sealed:
                parts += [one.data for one in await codec.decode([payload])]
    return b"\n".join(parts)


def _payloads(message: Message) -> Iterator[Payload]:
    """All that are in it, however deep."""
    if isinstance(message, Payload):
        yield message
        return
    for field, value in message.ListFields():
        if field.type != field.TYPE_MESSAGE:
            continue
        is_map = bool(field.message_type and field.message_type.GetOptions().map_entry)
        many = (value.values() if is_map else value) if field.is_repeated or is_map else [value]
        for one in many:
            if isinstance(one, Message):
                yield from _payloads(one)
