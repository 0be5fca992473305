"""What the Stripe Issuing API lists of a card, as the port has it: its payments, and the wallets that have it.
https://docs.stripe.com/api/issuing/tokens, https://docs.stripe.com/api/issuing/transactions.
"""

from __future__ import annotations

from datetime import UTC, datetime

from stripe.issuing import Token, Transaction

from backoffice.cards.ports import CardPayment, WalletStatus, WalletToken
from backoffice.text import kept

LONGEST_NAME, LONGEST_ID = 80, 20


def payment(found: Transaction) -> CardPayment:
    """In the API what is taken from a card is negative."""
    merchant = found.merchant_data
    return CardPayment(
        merchant=kept(merchant.name or "")[:LONGEST_NAME],
        merchant_id=kept(merchant.network_id)[:LONGEST_ID],
        category=merchant.category_code,
        amount=-found.amount,
        currency=found.currency,
        at=datetime.fromtimestamp(found.created, UTC),
    )


def wallet_token(found: Token) -> WalletToken:
    """A status that the API may add one day counts as active, so that somebody looks at it."""
    card, data = found.card, found.network_data
    device = data.device if data else None
    return WalletToken(
        id=found.id,
        card=card if isinstance(card, str) else card.id,
        status=WalletStatus(found.status) if found.status in list(WalletStatus) else WalletStatus.ACTIVE,
        wallet=kept(found.wallet_provider or "")[:LONGEST_ID],
        device=kept((device.type if device else "") or "")[:LONGEST_ID],
    )
