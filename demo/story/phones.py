"""The telephones of the stories."""

from __future__ import annotations

from backoffice.customers.models import ContactKind
from demo.data import MARIAS_NUMBERS, STORY

CUSTOMER, AGENT = "customer", "agent"
SHOP = "+13125550177"
"""At which a merchant's agent is rung."""
NUMBERS = {CUSTOMER: [STORY["maria"]["contacts"][ContactKind.PHONE], *MARIAS_NUMBERS], AGENT: [SHOP]}
"""Which numbers are at each telephone. Maria's changes now and then."""
