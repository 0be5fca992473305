"""The rows of the policy table for payments that hold for every process: `apps.py` names them."""

from __future__ import annotations

from backoffice.payments.ledger import rights as ledger
from backoffice.payments.provider import rights as provider

ROWS = (*ledger.ROWS, *provider.ROWS)
