"""The records of payments in the admin, to look at. Each is written down in the folder of its subject."""

from __future__ import annotations

from backoffice.payments.bills.admin import BillDisputeAdmin as BillDisputeAdmin
from backoffice.payments.bills.admin import BillPageAdmin as BillPageAdmin
from backoffice.payments.bills.admin import BillRefundAdmin as BillRefundAdmin
from backoffice.payments.claim_answers.admin import ClaimAnswerAdmin as ClaimAnswerAdmin
from backoffice.payments.claims.admin import CardRefundAdmin as CardRefundAdmin
from backoffice.payments.claims.admin import PaymentClaimAdmin as PaymentClaimAdmin
from backoffice.payments.ledger.admin import AccountAdmin as AccountAdmin
from backoffice.payments.ledger.admin import PostingAdmin as PostingAdmin
from backoffice.payments.merchants.admin import MerchantAdmin as MerchantAdmin
from backoffice.payments.payouts.admin import PayoutAdmin as PayoutAdmin
