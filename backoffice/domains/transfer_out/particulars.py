"""Finding and locking the particulars of a transfer-out."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _

from backoffice.cases.models import Case
from backoffice.domains.transfer_out.models import TransferOut
from backoffice.refusals import NotFound


def of_case(case: Case, *, lock: bool = False) -> TransferOut:
    """Raises `NotFound` for a case of another process."""
    return of_id(case.id, lock=lock)


def of_id(case_id: uuid.UUID, *, lock: bool = False) -> TransferOut:
    """With `lock`, inside a transaction: nobody else changes them, nor the domain, until it ends."""
    found = TransferOut.objects.select_related("domain", "case")
    if lock:
        found = found.select_for_update(of=("self", "domain"))
    out = found.filter(case_id=case_id).first()
    if out is None:
        raise NotFound("unknown_transfer", _("There is no such transfer."))
    return out
