"""The tables of the payments room. Each is written down in the folder of its subject and imported here."""

from __future__ import annotations

from backoffice.payments.agents.models import MerchantAgent as MerchantAgent
from backoffice.payments.bills.models import BillDispute as BillDispute
from backoffice.payments.bills.models import BillPage as BillPage
from backoffice.payments.bills.models import BillRefund as BillRefund
from backoffice.payments.cards_on_file.models import CardEvent as CardEvent
from backoffice.payments.cards_on_file.models import CardOnFile as CardOnFile
from backoffice.payments.cards_on_file.models import ProviderCustomer as ProviderCustomer
from backoffice.payments.claim_answers.models import ClaimAnswer as ClaimAnswer
from backoffice.payments.claims.models import CardRefund as CardRefund
from backoffice.payments.claims.models import PaymentClaim as PaymentClaim
from backoffice.payments.ledger.models import Account as Account
from backoffice.payments.ledger.models import Entry as Entry
from backoffice.payments.ledger.models import Posting as Posting
from backoffice.payments.merchants.models import Merchant as Merchant
from backoffice.payments.merchants.models import MerchantApplication as MerchantApplication
from backoffice.payments.merchants.models import PayoutProposal as PayoutProposal
from backoffice.payments.merchants.models import Suspension as Suspension
from backoffice.payments.payout_returns.models import PayoutReturn as PayoutReturn
from backoffice.payments.payouts.models import Payout as Payout
from backoffice.payments.provider.models import ReportedEvent as ReportedEvent
from backoffice.payments.risk.models import RiskTightening as RiskTightening
from backoffice.payments.top_up.models import TopUp as TopUp
from backoffice.payments.top_up.models import TopUpCall as TopUpCall
from backoffice.payments.voice.models import CleanLeg as CleanLeg
from backoffice.payments.voice.models import Reading as Reading
from backoffice.payments.voice.models import VoiceCall as VoiceCall
from backoffice.payments.voice.models import VoicePayment as VoicePayment
