"""The rows of the policy table for what a transfer-out lets people and the registry do, beside its work items."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.rights import Right

SEE_CODE = Right(
    act="see_transfer_code",
    what=_("See the transfer code of a domain"),
    refusal=_("Only the holder of a domain sees its transfer code."),
    customers=True,
    besides=_("once, within ten minutes of the proof, in the session that gave it"),
)
REPORT_TRANSFER = Right(
    act="report_transfer",
    what=_("Report what becomes of a transfer to another registrar"),
    refusal=_("Only the registry reports this."),
    machines=True,
    process=True,
    besides=_("read from the registry's own queue"),
)
GUARD = Right(
    act="guard_frozen_domain",
    what=_("Lock a domain, or refuse its transfer, while its case is frozen"),
    refusal=_("The back office does this by itself while a case is frozen."),
    process=True,
    besides=_("refused only when the registry is about to decide"),
)
ROWS = (SEE_CODE, REPORT_TRANSFER, GUARD)
