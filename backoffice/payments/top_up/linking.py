"""What was read out, tied to what is charged (PSD2 RTS art. 5, dynamic linking): any difference makes it void."""

from __future__ import annotations

import hashlib
import json
from uuid import UUID

from backoffice.money import Money
from backoffice.payments.cards_on_file.models import CardOnFile


def digest(*, case_id: UUID, amount: Money, card: CardOnFile) -> str:
    """SHA-256 over the case, the amount, its currency and the card."""
    linked = ["top_up", str(case_id), amount.minor, amount.currency, str(card.public_id)]
    return hashlib.sha256(json.dumps(linked).encode()).hexdigest()
