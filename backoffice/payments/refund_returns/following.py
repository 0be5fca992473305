"""Opens the case that follows a refund which did not arrive."""

from __future__ import annotations

from datetime import datetime

from backoffice.actors import system
from backoffice.cases import opening
from backoffice.customers.models import Customer
from workflows.refund_return.spec import REFUND_RETURN


def follow(refund: str, *, customer: Customer, now: datetime) -> None:
    """Once for each refund, by the provider's id of it. `now` is aware UTC."""
    opening.open_case(
        process=REFUND_RETURN.name,
        customer=customer,
        by=system(),
        key=f"refund:{refund}",
        content={"refund": refund},
        now=now,
    )
