"""The rows of the policy table for messages to partners. They hold for every process: `apps.py` names them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.models import Role
from backoffice.staff.rights import Right

SUPERVISORS = frozenset({Role.SUPERVISOR})
SET_UP_ENDPOINTS = Right(
    act="set_up_endpoints",
    what=_("Enter where a partner takes our messages, and switch it off or on"),
    refusal=_("Only a supervisor says where messages to partners go."),
    roles=SUPERVISORS,
    besides=_("after showing the second factor again"),
)
DECIDE_DELIVERIES = Right(
    act="decide_deliveries",
    what=_("Send a message to a partner again, or set one aside that could not be delivered"),
    refusal=_("Only a supervisor decides about messages to partners."),
    roles=SUPERVISORS,
)
ROWS = (SET_UP_ENDPOINTS, DECIDE_DELIVERIES)
