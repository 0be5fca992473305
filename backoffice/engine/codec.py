"""Encrypts everything that Temporal stores for us, failures too: AES-256-GCM under a key with an id, so that keys can
be rotated. The codec also authenticates: a payload that we did not seal decodes to `null`, and the processes drop an
empty signal. So nobody who reaches Temporal without our key can answer a work item with a raw signal.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import temporalio.converter
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes, PayloadCodec

from backoffice.engine.converter import ContractConverter

ENCODING = b"binary/countersign"
_NONCE, _TAG = 12, 16
"""Bytes, as AES-GCM has them."""
_NOTHING = Payload(metadata={"encoding": b"json/plain"}, data=b"null")


class SealingCodec(PayloadCodec):
    """`keys` are (id, 32 bytes), the newest first. The others still decrypt what they encrypted."""

    def __init__(self, keys: Sequence[tuple[str, bytes]]) -> None:
        if not keys:
            raise ValueError("CODEC_KEYS is empty: what Temporal stores must be sealed.")
        self._newest = keys[0][0]
        self._boxes = {key_id: AESGCM(key) for key_id, key in keys}

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._seal(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._open(payload) for payload in payloads]

    def _seal(self, payload: Payload) -> Payload:
        nonce = os.urandom(_NONCE)
        sealed = self._boxes[self._newest].encrypt(nonce, payload.SerializeToString(), self._newest.encode())
        return Payload(metadata={"encoding": ENCODING, "key": self._newest.encode()}, data=nonce + sealed)

    def _open(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return _NOTHING
        key_id = payload.metadata.get("key", b"").decode(errors="replace")
        box = self._boxes.get(key_id)
        if box is None:
            raise ValueError(f"CODEC_KEYS has no key “{key_id}”, which sealed this payload.")
        if len(payload.data) < _NONCE + _TAG:
            return _NOTHING
        try:
            clear = box.decrypt(payload.data[:_NONCE], payload.data[_NONCE:], key_id.encode())
        except InvalidTag:
            return _NOTHING
        opened = Payload()
        opened.ParseFromString(clear)
        return opened


def parse_keys(text: str) -> list[tuple[str, bytes]]:
    """`id:base64,id:base64` as pairs. Raises `ValueError` for a key that is not 32 bytes."""
    pairs = []
    for part in filter(None, text.split(",")):
        key_id, _, encoded = part.partition(":")
        key = base64.urlsafe_b64decode(encoded)
        if len(key) != 32:
            raise ValueError(f"The codec key “{key_id}” is not 32 bytes long.")
        pairs.append((key_id, key))
    return pairs


@lru_cache(maxsize=4)
def _converter(keys: str) -> DataConverter:
    return replace(
        temporalio.converter.default(),
        payload_converter_class=ContractConverter,
        payload_codec=SealingCodec(parse_keys(keys)),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


def data_converter() -> DataConverter:
    return _converter(settings.CODEC_KEYS)
