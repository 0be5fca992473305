"""How contracts become payloads: compact JSON of typed structs, under the sealing codec.

A payload is read as the type that its receiver declares. Unknown fields are ignored, so that workers and back offices
of different versions work together.
"""

from __future__ import annotations

from typing import Any

import msgspec
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    BinaryNullPayloadConverter,
    BinaryPlainPayloadConverter,
    CompositePayloadConverter,
    EncodingPayloadConverter,
)


class StructConverter(EncodingPayloadConverter):
    @property
    def encoding(self) -> str:
        return "json/plain"

    def to_payload(self, value: Any) -> Payload | None:
        return Payload(metadata={"encoding": b"json/plain"}, data=msgspec.json.encode(value))

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        """Raises `msgspec.DecodeError` or `ValidationError` when the payload is not of the declared type."""
        return msgspec.json.decode(payload.data, type=Any if type_hint is None else type_hint)


class ContractConverter(CompositePayloadConverter):
    def __init__(self) -> None:
        super().__init__(BinaryNullPayloadConverter(), BinaryPlainPayloadConverter(), StructConverter())
