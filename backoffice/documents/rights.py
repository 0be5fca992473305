"""The rows of the policy table for documents; a process whose people check papers names them among its own."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.models import Role
from backoffice.staff.rights import Right

SEE_COPY = Right(
    act="see_copy",
    what=_("See a copy of an identity document in clear, and redact it"),
    refusal=_("Your role does not see copies of identity documents."),
    roles=frozenset({Role.SUPPORT, Role.APPROVER}),
    besides=_("only who has claimed the check of its case, while that is open; noted"),
)
