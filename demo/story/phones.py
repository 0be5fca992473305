"""The telephones of the stories."""

from __future__ import annotations

from backoffice.customers.models import ContactKind
from demo.data import MARIAS_NUMBERS, STORY

CUSTOMER = "customer"
SHOP_NUMBERS = {"robin": "+13125550177", "sanne": "+13125550178"}
"""At which the agents of a merchant are rung, by their user names."""
NUMBERS = {
    CUSTOMER: [STORY["maria"]["contacts"][ContactKind.PHONE], *MARIAS_NUMBERS],
    **{name: [STORY[name]["contacts"][ContactKind.PHONE]] for name in ("nadia", "omar")},
    **{name: [number] for name, number in SHOP_NUMBERS.items()},
}
"""Which numbers are at each telephone. Maria's changes now and then."""
