from __future__ import annotations

import asyncio
import base64
import os

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.worker import Worker

from backoffice.engine import client as engine
from backoffice.engine.codec import ENCODING, SealingCodec, parse_keys
from tests.engine.leaking import Leaking, leak
from tests.engine.ringing import history

OLD, NEW = ("old", os.urandom(32)), ("new", os.urandom(32))
SECRET = Payload(metadata={"encoding": b"json/plain"}, data=b'{"step": "approve_reissue"}')
NULL = Payload(metadata={"encoding": b"json/plain"}, data=b"null")


def seal(codec: SealingCodec, payload: Payload = SECRET) -> Payload:
    return asyncio.run(codec.encode([payload]))[0]


def unseal(codec: SealingCodec, payload: Payload) -> Payload:
    return asyncio.run(codec.decode([payload]))[0]


def test_what_is_sealed_shows_nothing_and_opens_as_it_was() -> None:
    codec = SealingCodec([NEW])

    sealed = seal(codec)

    assert b"approve_reissue" not in sealed.SerializeToString()
    assert b"json/plain" not in sealed.SerializeToString()
    assert unseal(codec, sealed) == SECRET


def test_the_same_content_is_sealed_differently_each_time() -> None:
    codec = SealingCodec([NEW])

    assert seal(codec) != seal(codec)


def test_after_a_rotation_the_old_key_still_opens_and_the_new_one_seals() -> None:
    before, after = SealingCodec([OLD]), SealingCodec([NEW, OLD])

    assert unseal(after, seal(before)) == SECRET
    assert seal(after).metadata["key"] == b"new"


def test_a_payload_that_nobody_sealed_is_nothing() -> None:
    assert unseal(SealingCodec([NEW]), SECRET) == NULL


@pytest.mark.parametrize("byte", [0, 12, -1])
def test_a_payload_that_was_changed_is_nothing(byte: int) -> None:
    codec = SealingCodec([NEW])
    sealed = seal(codec)
    changed = bytearray(sealed.data)
    changed[byte] ^= 1
    sealed.data = bytes(changed)

    assert unseal(codec, sealed) == NULL


def test_a_payload_under_the_same_key_id_but_another_key_is_nothing() -> None:
    forged = seal(SealingCodec([("new", os.urandom(32))]))

    assert unseal(SealingCodec([NEW]), forged) == NULL


def test_a_payload_that_was_moved_to_another_key_id_is_nothing() -> None:
    twin = ("twin", NEW[1])
    sealed = seal(SealingCodec([NEW, twin]))
    sealed.metadata["key"] = b"twin"

    assert unseal(SealingCodec([NEW, twin]), sealed) == NULL


@pytest.mark.parametrize("size", [0, 1, 12, 27])
def test_a_payload_too_short_to_be_ours_is_nothing(size: int) -> None:
    stump = Payload(metadata={"encoding": ENCODING, "key": b"new"}, data=b"x" * size)

    assert unseal(SealingCodec([NEW]), stump) == NULL


def test_a_key_that_we_do_not_have_is_named() -> None:
    sealed = seal(SealingCodec([OLD]))

    with pytest.raises(ValueError, match="CODEC_KEYS has no key “old”"):
        unseal(SealingCodec([NEW]), sealed)


def test_a_key_id_that_is_no_text_is_refused_as_unknown() -> None:
    odd = Payload(metadata={"encoding": ENCODING, "key": b"\xff\xfe"}, data=b"x" * 40)

    with pytest.raises(ValueError, match="CODEC_KEYS has no key"):
        unseal(SealingCodec([NEW]), odd)


def test_keys_are_read_in_their_order_and_must_be_32_bytes() -> None:
    text = ",".join(f"{name}:{base64.urlsafe_b64encode(key).decode()}" for name, key in (NEW, OLD))

    assert parse_keys(text) == [NEW, OLD]
    with pytest.raises(ValueError, match="“short” is not 32 bytes"):
        parse_keys("short:" + base64.urlsafe_b64encode(b"16 bytes of key.").decode())
    with pytest.raises(ValueError, match="CODEC_KEYS is empty"):
        SealingCodec(parse_keys(""))


def test_a_failure_leaves_no_clear_text_in_the_history(temporal: Client) -> None:
    async def play() -> None:
        queue = "leaking"
        async with Worker(temporal, task_queue=queue, workflows=[Leaking], activities=[leak]):
            handle = await temporal.start_workflow(Leaking.run, "Wilhelmina", id="leaking", task_queue=queue)
            with pytest.raises(Exception, match="Workflow execution failed") as failed:
                await handle.result()
            cause = failed.value.__cause__
            assert cause is not None
            assert "Wilhelmina Quist" in str(cause.__cause__)

    engine.run(play(), timeout=60)

    stored = history(temporal, "leaking")
    assert b"Wilhelmina" not in stored
    assert b"Quist" not in stored
    assert b"raise ApplicationError" not in stored
    assert b"Encoded failure" in stored
