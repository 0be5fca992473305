"""The rows of the policy table for the agents of merchants, beside the work items of the admission."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.rights import Right

CHANGE_AGENTS = Right(
    act="change_agents",
    what=_("Say who orders payments for a company: its people and its machines"),
    refusal=_("Only the company itself says who orders payments for it."),
    customers=True,
    besides=_("the company of the merchant; nobody is added without a code or a passkey for it, anybody is removed"),
)
ROWS = (CHANGE_AGENTS,)
