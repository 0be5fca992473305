"""The search attributes, for operators only: one registry, one idempotent registration.

`CaseKind` is set at the start; `NeedsAttention` and `CaseStage` when an outside system refused and a person has to
decide, and `NeedsAttention` is reset when the person has decided. Whose turn it is, and until when, is read from our
own rows. With an unregistered attribute every process would hang, so the worker registers and checks them before it
starts.
"""

from __future__ import annotations

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client

ATTRIBUTES = {
    "CaseKind": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "CaseStage": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "NeedsAttention": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
}


async def register(temporal: Client) -> list[str]:
    """Adds the missing ones; returns their names."""
    service = temporal.operator_service
    listed = await service.list_search_attributes(ListSearchAttributesRequest(namespace=temporal.namespace))
    missing = {name: kind for name, kind in ATTRIBUTES.items() if name not in listed.custom_attributes}
    if missing:
        request = AddSearchAttributesRequest(namespace=temporal.namespace, search_attributes=missing)
        await service.add_search_attributes(request)
    return sorted(missing)
